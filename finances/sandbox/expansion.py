"""`expand[]`: which properties of which type lead where, and putting the objects in their places."""

from __future__ import annotations

from typing import Any

from . import errors
from .objects.billing import list_of
from .rendering import rendered
from .store import Object, Store

DEEPEST = 4

# A string names the type that an id leads to ("*": expandable at Stripe, nothing behind it here). A dictionary is a
# part of the object itself. A pair ("list", type) is a list object or a plain list of ids.
Leads = dict[str, Any]
NOBODY = "*"
_LISTED = "list"

EXPANDABLE: dict[str, Leads] = {
    "account": {
        "external_accounts": (_LISTED, NOBODY),
        "settings": {"branding": {"icon": NOBODY, "logo": NOBODY}},
        "business_profile": {},
        "company": {},
        "individual": NOBODY,
    },
    "customer": {
        "cash_balance": NOBODY,
        "default_source": NOBODY,
        "discount": NOBODY,
        "invoice_settings": {"default_payment_method": "payment_method"},
        "sources": (_LISTED, NOBODY),
        "subscriptions": (_LISTED, "subscription"),
        "tax": NOBODY,
        "tax_ids": (_LISTED, NOBODY),
        "test_clock": NOBODY,
    },
    "product": {"default_price": "price", "tax_code": NOBODY},
    "price": {"currency_options": NOBODY, "product": "product", "tiers": NOBODY},
    "subscription_item": {"discounts": (_LISTED, NOBODY), "price": "price", "tax_rates": (_LISTED, NOBODY)},
    "subscription": {
        "application": NOBODY,
        "automatic_tax": {"liability": {"account": "account"}},
        "customer": "customer",
        "default_payment_method": "payment_method",
        "default_source": NOBODY,
        "default_tax_rates": (_LISTED, NOBODY),
        "discounts": (_LISTED, NOBODY),
        "invoice_settings": {"issuer": {"account": "account"}},
        "items": (_LISTED, "subscription_item"),
        "latest_invoice": "invoice",
        "on_behalf_of": NOBODY,
        "pending_setup_intent": NOBODY,
        "schedule": NOBODY,
        "test_clock": NOBODY,
        "transfer_data": {"destination": NOBODY},
    },
    "line_item": {
        "discount_amounts": (_LISTED, {"discount": NOBODY}),
        "discounts": (_LISTED, NOBODY),
        "parent": {},
        "pricing": {"price_details": {"price": "price"}},
        "subscription": "subscription",
    },
    "invoice": {
        "account_tax_ids": (_LISTED, NOBODY),
        "application": NOBODY,
        "confirmation_secret": NOBODY,
        "customer": "customer",
        "default_payment_method": "payment_method",
        "default_source": NOBODY,
        "default_tax_rates": (_LISTED, NOBODY),
        "discounts": (_LISTED, NOBODY),
        "from_invoice": {"invoice": "invoice"},
        "issuer": {"account": "account"},
        "latest_revision": "invoice",
        "lines": (_LISTED, "line_item"),
        "on_behalf_of": NOBODY,
        "parent": {"subscription_details": {"subscription": "subscription"}},
        "payments": (_LISTED, "invoice_payment"),
        "test_clock": NOBODY,
        "total_discount_amounts": (_LISTED, {"discount": NOBODY}),
        "total_pretax_credit_amounts": (_LISTED, {"discount": NOBODY}),
    },
    "invoice_payment": {
        "invoice": "invoice",
        "payment": {"charge": "charge", "payment_intent": "payment_intent", "payment_record": NOBODY},
    },
    "payment_intent": {
        "application": NOBODY,
        "customer": "customer",
        "last_payment_error": {"payment_method": {}},
        "latest_charge": "charge",
        "on_behalf_of": NOBODY,
        "payment_method": "payment_method",
        "review": NOBODY,
    },
    "charge": {
        "application": NOBODY,
        "application_fee": NOBODY,
        "balance_transaction": "balance_transaction",
        "customer": "customer",
        "failure_balance_transaction": "balance_transaction",
        "on_behalf_of": NOBODY,
        "outcome": {"rule": NOBODY},
        "payment_intent": "payment_intent",
        "refunds": (_LISTED, "refund"),
        "review": NOBODY,
        "source_transfer": NOBODY,
        "transfer": NOBODY,
    },
    "payment_method": {"customer": "customer"},
    "event": {},
    "balance_transaction": {"source": NOBODY},
    "refund": {"charge": "charge", "payment_intent": "payment_intent", "balance_transaction": "balance_transaction"},
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "credit_note": {"customer": "customer", "invoice": "invoice", "lines": (_LISTED, NOBODY)},
    "plan": {"product": "product"},
}


def check(paths: list[str], kind: str, in_list: bool) -> list[list[str]]:
    """The paths in steps, without the leading `data` of a list. 400 for what cannot be expanded."""
    checked = []
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEEPEST:
            raise errors.too_deep(path)
        first = 0
        if in_list:
            if steps[0] != "data" or len(steps) == 1:
                helps = steps != ["data"] and _stuck(steps[:1], EXPANDABLE.get(kind, {})) is None
                raise errors.cannot_expand(steps[0], f"data.{steps[0]}" if helps else None)
            first = 1
        stuck = _stuck(steps[first:], EXPANDABLE.get(kind, {}))
        if stuck is not None:
            raise errors.cannot_expand(".".join(steps[: first + stuck + 1]))
        checked.append(steps[first:])
    return checked


def _stuck(steps: list[str], leads: Any) -> int | None:
    """The place of the first step that leads nowhere; Stripe names the path as far as there. None: all is well."""
    if not steps or leads == NOBODY:
        return None
    if isinstance(leads, str):
        return _stuck(steps, EXPANDABLE.get(leads, {}))
    if isinstance(leads, tuple) and steps[0] != "data":
        return _stuck(steps, leads[1])
    if isinstance(leads, dict) and steps[0] not in leads:
        return 0
    further = _stuck(steps[1:], leads[1] if isinstance(leads, tuple) else leads[steps[0]])
    return None if further is None else further + 1


def expand(shown: Object, paths: list[list[str]], store: Store) -> Object:
    """A copy with the objects in the places that the paths name."""
    for steps in paths:
        shown = _into(shown, steps, store)
    return shown


def _into(value: Any, steps: list[str], store: Store) -> Any:
    if not isinstance(value, dict) or not steps:
        return value
    name, rest = steps[0], steps[1:]
    held = value.get(name)
    if held is None:
        held = _included(value, name, store)
        if held is None:
            return value
    return {**value, name: _open(held, rest, store)}


def _open(held: Any, rest: list[str], store: Store) -> Any:
    if isinstance(held, str):
        found = store.get(held)
        return held if found is None else _into(rendered(found, store), rest, store)
    if isinstance(held, list):
        return [_open(each, rest, store) for each in held]
    return _into(held, rest, store)


def _included(owner: Object, name: str, store: Store) -> Any:
    """What is only there when asked for."""
    kind, owner_id = owner.get("object"), owner.get("id")
    if kind == "invoice" and name == "payments":
        payments = list(store.of_type("invoice_payment", ("invoice", str(owner_id))))[::-1]
        return list_of(payments, f"/v1/invoice_payments?invoice={owner_id}")
    if kind == "customer" and not owner.get("deleted"):
        if name == "subscriptions":
            held = list(store.of_type("subscription", ("customer", str(owner_id))))[::-1]
            live = [rendered(each, store) for each in held if each["status"] != "canceled"]
            return list_of(live[:10], f"/v1/customers/{owner_id}/subscriptions", len(live) > 10)
        if name in ("sources", "tax_ids"):
            return list_of([], f"/v1/customers/{owner_id}/{name}")
        if name == "tax":
            return {
                "automatic_tax": "unrecognized_location",
                "ip_address": None,
                "location": None,
                "provider": "stripe",
            }
    if kind == "charge" and name == "refunds":
        refunds = [each for each in store.of_type("refund") if each.get("charge") == owner_id][::-1]
        return list_of(refunds[:10], f"/v1/charges/{owner_id}/refunds", len(refunds) > 10)
    return None
