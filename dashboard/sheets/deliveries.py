from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from dashboard.exports.sheet import Sheet
from finances.models import Delivery
from finances.reads.webhooks import NEWEST_FIRST, delivery_rows

HEADS = (
    *("event_id", "event_type", "object_id", "object_name", "customer_id", "customer_name", "state", "reason"),
    *("outcome", "attempts", "tries", "api_version", "delay_seconds", "created_at", "received_at", "processed_at"),
    "next_try_at",
)


def lines(deliveries: Sequence[Delivery], now: datetime) -> Iterator[Sequence[object]]:
    """Without the payload, which takes a right of its own."""
    for row in delivery_rows(deliveries):
        it = row.delivery
        yield (
            it.event_id,
            it.event_type,
            it.object_id,
            row.about,
            it.customer_id,
            row.customer,
            it.state,
            it.reason,
            it.outcome,
            it.attempts,
            it.tries,
            it.api_version,
            None if row.delay is None else Decimal(str(row.delay.total_seconds())),
            it.created_at,
            it.received_at,
            it.processed_at,
            it.next_try_at,
        )


SHEET = Sheet(HEADS, lines, NEWEST_FIRST)
