"""What a batch points at and the tables lack is fetched before it is written: a missing parent fails the whole page."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from djstripe import models as djstripe

from finances.expandable import id_of
from finances.gateway import Gateway
from finances.mirror.fetching import fetch
from finances.mirror.neighbours import coupon_id_of, discounts_of
from finances.mirror.projections.invoices import subscription_id_of
from finances.mirror.projections.subscriptions import subscription_items
from finances.mirror.states import Fetched
from finances.mirror.tax_rates import tax_rates_of
from finances.mirror.types import TYPE_OF_MODEL, TYPES
from finances.models import Reference
from finances.stripe_problems import ScopeMissing

Json = dict[str, Any]


def references(type_name: str, it: Json, *, companions_too: bool) -> Iterable[Reference]:
    """What an object points at, among the types that the mirror keeps."""
    entry = TYPES[type_name]
    for name in entry.parents + (entry.companions if companions_too else ()):
        value = it.get(name)
        if type_name == "customer" and name == "default_payment_method":
            value = (it.get("invoice_settings") or {}).get(name)
        if value and entry.model:
            yield TYPE_OF_MODEL[entry.model._meta.get_field(name).related_model], id_of(value)
    if type_name == "subscription":
        for item in subscription_items(it):
            if price := item.get("price"):
                yield "price", id_of(price)
            for rate in tax_rates_of(djstripe.SubscriptionItem, item):
                yield "tax_rate", rate
    if type_name == "invoice":
        for rate in tax_rates_of(djstripe.Invoice, it):
            yield "tax_rate", rate
    if type_name in ("subscription", "customer"):
        for discount in discounts_of(it):
            if isinstance(discount, dict) and (coupon := coupon_id_of(discount)):
                yield "coupon", coupon
    if type_name == "promotion_code" and (coupon := id_of((it.get("promotion") or {}).get("coupon"))):
        yield "coupon", coupon
    if type_name == "invoice" and (subscription := subscription_id_of(it)):
        yield "subscription", subscription
    if type_name == "invoice" and companions_too:
        for payment in (it.get("payments") or {}).get("data") or []:
            if intent := id_of((payment.get("payment") or {}).get("payment_intent")):
                yield "payment_intent", intent


def with_missing_parents(
    gateway: Gateway, batch: Sequence[Fetched], *, beside: Collection[Reference], now: datetime, companions_too: bool
) -> list[Fetched]:
    """The parents of a batch that are neither in `beside`, which is written with it, nor in the tables: fetched, and
    theirs in turn.

    A parent that Stripe has no more comes as a tombstone with the type's name, so that its children can point at it.
    """
    found: dict[Reference, Fetched] = {}
    here = set(beside)
    frontier: Sequence[Fetched] = [it for it in batch if not it.deleted]
    while frontier:
        wanted = {
            reference
            for it in frontier
            for reference in references(it.type, it.data, companions_too=companions_too)
            if reference not in here
        }
        needed = {
            reference
            for it in frontier
            for reference in references(it.type, it.data, companions_too=False)
            if _is_needed(it.type, reference, alone=companions_too)
        }
        fetched = []
        for type_name, object_id in sorted(_absent(wanted)):
            try:
                fetched.append(fetch(gateway, type_name, object_id, now, as_parent=True))
            except ScopeMissing:
                # The object itself may be read: it is written without what only goes beside it.
                if (type_name, object_id) in needed:
                    raise
        found |= {(it.type, it.id): it for it in fetched}
        here |= found.keys()
        frontier = [it for it in fetched if not it.deleted]
        companions_too = False  # a parent's own companions are linked when they come
    return list(found.values())


def _is_needed(type_name: str, reference: Reference, *, alone: bool) -> bool:
    """Whether an object cannot be written without what it points at, where the key may not read that.

    On a page that is what the tables ask for: one that is read by itself can wait for its parents, a page would keep
    ninety-nine others waiting.
    """
    referred = reference[0]
    if referred in ("coupon", "tax_rate"):  # no row points at one: a coupon is named, a tax rate has rows between
        return False
    if alone or referred == "price":  # of a subscription's item
        return True
    entry = TYPES[type_name]
    keys = [entry.model._meta.get_field(name) for name in entry.parents] if entry.model else []
    return any(not key.null and TYPE_OF_MODEL[key.related_model] == referred for key in keys)


def _absent(wanted: set[Reference]) -> set[Reference]:
    by_type: dict[str, set[str]] = {}
    for type_name, object_id in wanted:
        by_type.setdefault(type_name, set()).add(object_id)
    present = {
        (type_name, object_id)
        for type_name, ids in by_type.items()
        if (model := TYPES[type_name].model)
        for object_id in model._base_manager.filter(id__in=ids).values_list("id", flat=True)
    }
    return wanted - present
