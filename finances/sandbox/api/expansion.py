"""`expand[]`: checks the paths in Stripe's words, and puts the objects in their places."""

from __future__ import annotations

from functools import cache
from typing import Any

from finances.sandbox.api import errors
from finances.sandbox.api.expandable import EXPANDABLE
from finances.sandbox.engine.rendering import rendered
from finances.sandbox.engine.store import Object, Store
from finances.sandbox.objects.billing import list_of

DEEPEST = 4
Steps = list[str]


def check(paths: list[str], kind: str, in_list: bool) -> list[Steps]:
    """The paths in steps, without the leading `data` of a list. 400 for what cannot be expanded."""
    checked = []
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEEPEST:
            raise errors.too_deep(path)
        first = 0
        if in_list:
            if steps[0] != "data" or len(steps) == 1:
                helps = steps != ["data"] and _stuck(steps[:1], (kind,)) is None
                raise errors.cannot_expand(steps[0], f"data.{steps[0]}" if helps else None)
            first = 1
        stuck = _stuck(steps[first:], (kind,))
        if stuck is not None:
            raise errors.cannot_expand(".".join(steps[: first + stuck + 1]))
        checked.append(steps[first:])
    return checked


@cache
def _open_at(kind: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Each beginning of a path that the type takes, with the types that it leads to: none within an object."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for path, leads in EXPANDABLE[kind].items():
        steps = tuple(path.split("."))
        for length in range(1, len(steps)):
            found.setdefault(steps[:length], ())
        found[steps] = tuple(leads.split("|"))
    return found


def _stuck(steps: Steps, kinds: tuple[str, ...]) -> int | None:
    """The place of the first step that leads nowhere; Stripe names the path as far as there. None: all is well."""
    if not steps or any(kind not in EXPANDABLE for kind in kinds):  # nothing is there, so nothing is known of it
        return None
    places = [_stuck_in(steps, kind) for kind in kinds]
    return None if None in places else max(place for place in places if place is not None)


def _stuck_in(steps: Steps, kind: str) -> int | None:
    known = _open_at(kind)
    for length in range(1, len(steps) + 1):
        leads = known.get(tuple(steps[:length]))
        if leads is None:
            return length - 1
        if leads:
            further = _stuck(steps[length:], leads)
            return None if further is None else length + further
    return None


def expand(shown: Object, paths: list[Steps], store: Store) -> Object:
    """A copy with the objects in the places that the paths name."""
    for steps in paths:
        shown = _into(shown, steps, store)
    return shown


def _into(value: Any, steps: Steps, store: Store) -> Any:
    if not isinstance(value, dict) or not steps:
        return value
    name, rest = steps[0], steps[1:]
    held = value.get(name)
    if held is None:
        held = _included(value, name, store)
        if held is None:
            return value
    return {**value, name: _open(held, rest, store)}


def _open(held: Any, rest: Steps, store: Store) -> Any:
    if isinstance(held, str):
        found = store.get(held)
        return held if found is None else _into(rendered(found, store), rest, store)
    if isinstance(held, list):
        return [_open(each, rest, store) for each in held]
    return _into(held, rest, store)


def _included(owner: Object, name: str, store: Store) -> Any:
    """What is only there when asked for."""
    match owner.get("object"), name:
        case "invoice", "payments":
            return _hanging(owner, "invoice", "invoice_payment", "/v1/invoice_payments", store)
        case "charge", "refunds":
            return _hanging(owner, "charge", "refund", f"/v1/charges/{owner['id']}/refunds", store)
        case "customer", "subscriptions" | "tax_ids" | "sources" | "tax" if not owner.get("deleted"):
            return _of_customer(owner, name, store)
        case "price" | "plan" | "coupon", "tiers" | "applies_to" | "currency_options":
            return (store.get(str(owner["id"])) or {}).get(name) or _currency_options(owner, name)
    return None


def _hanging(owner: Object, link: str, kind: str, url: str, store: Store) -> Object:
    """The first ten of what hangs on it, newest first."""
    found = list(store.of_type(kind, (link, str(owner["id"]))))[::-1]
    shown = [rendered(each, store) for each in found if kind != "subscription" or each["status"] != "canceled"]
    return list_of(shown[:10], url, len(shown) > 10)


def _of_customer(owner: Object, name: str, store: Store) -> Object:
    url = f"/v1/customers/{owner['id']}/{name}"
    if name == "tax":
        nowhere = {"automatic_tax": "unrecognized_location", "ip_address": None, "location": None}
        return {**nowhere, "provider": "stripe"}
    if name == "sources":
        return list_of([], url)
    return _hanging(owner, "customer", {"subscriptions": "subscription", "tax_ids": "tax_id"}[name], url, store)


def _currency_options(owner: Object, name: str) -> Object | None:
    """A price of one currency shows that one."""
    if owner["object"] != "price" or name != "currency_options":
        return None
    same = ("custom_unit_amount", "tax_behavior", "unit_amount", "unit_amount_decimal")
    return {owner["currency"]: {each: owner[each] for each in same}}
