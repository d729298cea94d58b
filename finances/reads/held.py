"""How many objects we hold of what a resync is to read: Stripe's lists have no counts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import CharField, Count, Value

from finances.models import (
    Charge,
    CreditNote,
    Dispute,
    Invoice,
    ObjectState,
    Payment,
    PaymentMethod,
    Refund,
    Subscription,
)

OF_CUSTOMER: dict[str, type[Any]] = {
    "payment_method": PaymentMethod,
    "subscription": Subscription,
    "payment_intent": Payment,
    "charge": Charge,
    "invoice": Invoice,
    "credit_note": CreditNote,
    "refund": Refund,
    "dispute": Dispute,
}


def held_by_type(
    types: Iterable[str], *, since: datetime | None = None, until: datetime | None = None
) -> dict[str, int]:
    """How many objects we hold of each, created between the two. One query."""
    held = ObjectState.objects.filter(type__in=list(types), deleted_at=None)
    if since:
        held = held.filter(created_at__gte=since)
    if until:
        held = held.filter(created_at__lt=until)
    return dict(held.order_by().values_list("type").annotate(Count("pk")))


def held_of_customer(customer_id: str) -> dict[str, int]:
    """How many objects of each type that hangs on a customer we hold of theirs. One query."""
    counts = [
        model._base_manager.filter(customer_id=customer_id, deleted_at=None)
        .order_by()
        .annotate(of_type=Value(name, CharField()))
        .values_list("of_type")
        .annotate(count=Count("pk"))
        for name, model in OF_CUSTOMER.items()
    ]
    return dict(counts[0].union(*counts[1:], all=True))
