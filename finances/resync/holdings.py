"""What is here of what a step lists: an object that is here and that a complete page lacks may be gone at Stripe.

It may; only Stripe's own word on a direct read says so. Which objects a page should have had follows from its order,
newest first: those created between its last one and the last one of the page before.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import CharField, Model, QuerySet, Value
from django.db.models.functions import Concat
from djstripe import models as djstripe

from finances.gateway import PATHS
from finances.models import (
    Charge,
    CreditNote,
    Dispute,
    Invoice,
    InvoicePayment,
    ObjectState,
    Payment,
    PaymentMethod,
    Price,
    PromotionCode,
    Refund,
    Subscription,
    SubscriptionSchedule,
    state_key,
)

Json = dict[str, Any]

# By type and filter of Stripe's list: the rows that have that owner, and where they name it.
OWNED: dict[tuple[str, str], tuple[type[Model], str]] = {
    ("payment_method", "customer"): (PaymentMethod, "customer_id"),
    ("subscription", "customer"): (Subscription, "customer_id"),
    ("subscription_schedule", "customer"): (SubscriptionSchedule, "customer_id"),
    ("setup_intent", "customer"): (djstripe.SetupIntent, "customer__id"),
    ("payment_intent", "customer"): (Payment, "customer_id"),
    ("charge", "customer"): (Charge, "customer_id"),
    ("charge", "payment_intent"): (Charge, "payment_intent_id"),
    ("refund", "charge"): (Refund, "charge_id"),
    ("refund", "payment_intent"): (Refund, "payment_intent_id"),
    ("dispute", "charge"): (Dispute, "charge_id"),
    ("dispute", "payment_intent"): (Dispute, "payment_intent_id"),
    ("invoice", "customer"): (Invoice, "customer_id"),
    ("invoice", "subscription"): (Invoice, "subscription_id"),
    ("credit_note", "customer"): (CreditNote, "customer_id"),
    ("credit_note", "invoice"): (CreditNote, "invoice_id"),
    ("invoice_payment", "invoice"): (InvoicePayment, "invoice_id"),
    ("invoice_payment", "payment_intent"): (InvoicePayment, "payment_intent_id"),
    ("price", "product"): (Price, "product_id"),
    ("promotion_code", "coupon"): (PromotionCode, "coupon_id"),
}


class Held(NamedTuple):
    id: str
    created_at: datetime | None


class Window(NamedTuple):
    """Seconds of creation, both included; None: open."""

    since: int | None
    until: int | None


def window_of(filters: Json, place: Json, objects: Sequence[Json], *, has_more: bool) -> tuple[Window | None, Json]:
    """What a page has whole, and what the place after it has to remember: {"upper": second, "border": [ids of it]}.

    More of the second in which a page ends may follow on the next one, so that second is the next page's, with what was
    seen of it. None where the page does not say when its objects were created.
    """
    created = filters.get("created") or {}
    since = created.get("gte", created["gt"] + 1 if "gt" in created else None)
    until = created.get("lte", created["lt"] - 1 if "lt" in created else None)
    if "upper" in place:
        until = place["upper"]
    if not has_more:
        return (None if place.get("upper", 0) is None else Window(since, until)), {}
    last = objects[-1].get("created")
    if not isinstance(last, int):
        return None, {"upper": None}
    seen = [it["id"] for it in objects if it.get("created") == last]
    if place.get("upper") == last:
        seen = [*place.get("border", ()), *seen]
    following = {"upper": last, "border": seen}
    return (None if place.get("upper", 0) is None else Window(last + 1, until)), following


def absent(
    type_name: str, filters: Json, window: Window | None, present: Collection[str], *, before: int | None
) -> list[Held]:
    """What is here and alive within the window, under the list's other filters, and is not among `present`.

    `before`: a ticket; what was read since is left out. Nothing of a type that cannot be read by its id.
    """
    owner = {name: value for name, value in filters.items() if name not in ("created", "status")}
    if window is None or type_name not in PATHS:
        return []
    held = ObjectState.objects.filter(type=type_name, deleted_at=None, created_at__isnull=False)
    if owner:
        keys = _owned(type_name, owner)
        if keys is None:
            return []
        held = held.filter(object_id__in=keys)
    if window.since is not None:
        held = held.filter(created_at__gte=datetime.fromtimestamp(window.since, UTC))
    if window.until is not None:
        held = held.filter(created_at__lt=datetime.fromtimestamp(window.until + 1, UTC))
    return _lacking(type_name, held, present, before)


def absent_of(
    type_name: str,
    owner_type: str,
    owners: Collection[str],
    present: Collection[str],
    *,
    within: Mapping[str, int],
    before: int | None,
) -> list[Held]:
    """The same of lists that were read whole, each of one owner. `within`: only of what was created then."""
    if type_name not in PATHS or (type_name, owner_type) not in OWNED:
        return []
    model, column = OWNED[type_name, owner_type]
    rows = model._base_manager.filter(**{f"{column}__in": list(owners)})
    held = ObjectState.objects.filter(type=type_name, deleted_at=None, object_id__in=_keys(type_name, rows))
    return _lacking(type_name, created_within(held, within), present, before)


def created_within(held: QuerySet[ObjectState], created: Mapping[str, int]) -> QuerySet[ObjectState]:
    """Of these, what was created in a range: "gte", "lt", in seconds."""
    bounds = {f"created_at__{than}": datetime.fromtimestamp(seconds, UTC) for than, seconds in created.items()}
    return held.filter(**bounds)


def _lacking(type_name: str, held: QuerySet[ObjectState], present: Collection[str], before: int | None) -> list[Held]:
    if before is not None:
        held = held.filter(ticket__lt=before)
    rows = held.order_by("object_id").values_list("object_id", "created_at")
    prefix = state_key(type_name, "")
    found = (Held(key.removeprefix(prefix), created_at) for key, created_at in rows.iterator())
    return [each for each in found if each.id not in present]


def _keys(type_name: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Of the states of these rows. Where a key is the id, the column itself, for which there are indexes."""
    if prefix := state_key(type_name, ""):
        return rows.values(key=Concat(Value(prefix), "id", output_field=CharField()))
    return rows.values("id")


def _owned(type_name: str, owner: Json) -> QuerySet[Any] | None:
    """The keys of what is here under a filter by owner; None for a filter that our rows cannot answer."""
    (name, value), *others = owner.items()
    if isinstance(value, dict):  # {"payment": {"type": "payment_intent", "payment_intent": "pi_..."}}
        name = value.get("type", "")
        value = value.get(name)
    if others or (type_name, name) not in OWNED:
        return None
    model, column = OWNED[type_name, name]
    return _keys(type_name, model._base_manager.filter(**{column: value}))
