from collections.abc import Iterator, Sequence
from datetime import datetime

from dashboard.exports.sheet import Sheet
from finances.models import BalanceTransaction, Payout
from finances.money import major

MOVEMENT_HEADS = (
    *("id", "type", "reporting_category", "status", "currency", "amount", "fee", "net", "source_id", "description"),
    *("available_at", "created_at"),
)
PAYOUT_HEADS = (
    *("id", "status", "currency", "amount", "automatic", "failure_code", "balance_transaction_id", "arrives_at"),
    "created_at",
)


def movements(rows: Sequence[BalanceTransaction], now: datetime) -> Iterator[Sequence[object]]:
    for it in rows:
        yield (
            it.id,
            it.type,
            it.reporting_category,
            it.status,
            it.currency.upper(),
            *(major(amount, it.currency) for amount in (it.amount, it.fee, it.net)),
            it.source_id,
            it.description,
            it.available_at,
            it.created_at,
        )


def payouts(rows: Sequence[Payout], now: datetime) -> Iterator[Sequence[object]]:
    for it in rows:
        yield (
            it.id,
            it.status,
            it.currency.upper(),
            major(it.amount, it.currency),
            it.automatic,
            it.failure_code,
            it.balance_transaction_id,
            it.arrives_at,
            it.created_at,
        )


MOVEMENTS = Sheet(MOVEMENT_HEADS, movements)
PAYOUTS = Sheet(PAYOUT_HEADS, payouts)
