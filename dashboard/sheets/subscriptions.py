from collections.abc import Iterator, Sequence
from datetime import datetime

from dashboard.exports.sheet import Sheet
from dashboard.tables.subscriptions import plan, prices
from finances.models import Subscription
from finances.money import major
from finances.reads.subscriptions import subscription_rows

HEADS = (
    *("id", "status", "customer_id", "customer_name", "customer_email", "plan", "prices", "currency", "mrr", "mrr_gap"),
    *("collection_method", "collection_paused", "trial_ends_at", "current_period_end", "cancel_at_period_end"),
    *("cancel_at", "canceled_at", "cancellation_reason", "cancellation_feedback", "created_at", "ended_at"),
)


def lines(subscriptions: Sequence[Subscription], now: datetime) -> Iterator[Sequence[object]]:
    """`mrr`: the monthly value, whatever the status."""
    for row in subscription_rows(subscriptions):
        it, customer = row.subscription, row.customer
        yield (
            it.id,
            it.status,
            it.customer_id,
            customer.name if customer else "",
            customer.email if customer else "",
            plan(row.items),
            prices(row.items),
            it.currency.upper(),
            None if it.mrr is None else major(it.mrr, it.currency),
            it.mrr_gap,
            it.collection_method,
            it.collection_paused,
            it.trial_ends_at,
            it.current_period_end,
            it.cancel_at_period_end,
            it.cancel_at,
            it.canceled_at,
            it.cancellation_reason,
            it.cancellation_feedback,
            it.created_at,
            it.ended_at,
        )


SHEET = Sheet(HEADS, lines)
