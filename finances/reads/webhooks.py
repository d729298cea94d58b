"""The list of webhooks: one row an event, newest received first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet

from finances.models import Customer, Delivery
from finances.reads.keyset import capped_count
from finances.reads.names import names_of
from finances.reads.search import matching

NEWEST_FIRST = ("received_at", "event_id")
MOST_CUSTOMERS = 200


@dataclass(frozen=True)
class DeliveryRow:
    """`delay`: from Stripe's event, known to the second, to the end of our processing; None before that."""

    delivery: Delivery
    about: str
    customer: str
    delay: timedelta | None


def deliveries() -> QuerySet[Delivery]:
    """Without the payload: it is large, and reading it takes a right of its own."""
    return Delivery.objects.defer("payload")


def of_type(rows: QuerySet[Delivery], pattern: str) -> QuerySet[Delivery]:
    """`invoice.paid` exactly, `invoice.*` or `invoice.` for all that begin so."""
    pattern = pattern.strip().lower()
    if pattern.endswith(("*", ".")):
        return rows.filter(event_type__startswith=pattern.rstrip("*"))
    return rows.filter(event_type=pattern)


def about(rows: QuerySet[Delivery], text: str) -> QuerySet[Delivery]:
    """An id: the event, its object or its customer. Words: of the customer; past 200 customers the newest ones."""
    text = text.strip()
    if re.fullmatch(r"[a-z]+_\w+", text, re.ASCII):
        return rows.filter(Q(pk=text) | Q(object_id=text) | Q(customer_id=text))
    matches = matching(Customer.objects.all(), text).order_by("-created_at", "-pk").values_list("pk", flat=True)
    return rows.filter(customer_id__in=list(matches[:MOST_CUSTOMERS]))


def state_counts() -> dict[str, int]:
    """How many there are in each state, capped; one query a state, six in all."""
    return {state: capped_count(Delivery.objects.filter(state=state)) for state in Delivery.State.values}


def delivery_rows(rows: Sequence[Delivery]) -> list[DeliveryRow]:
    """With what people call the object and its customer: two queries."""
    names = names_of(id for row in rows for id in (row.object_id, row.customer_id))
    return [
        DeliveryRow(
            row,
            about=names.get(row.object_id, ""),
            customer=names.get(row.customer_id, "") if row.customer_id != row.object_id else "",
            delay=delay(row),
        )
        for row in rows
    ]


def delay(row: Delivery) -> timedelta | None:
    return max(row.processed_at - row.created_at, timedelta()) if row.processed_at else None
