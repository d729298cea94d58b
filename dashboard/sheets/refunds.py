from collections.abc import Iterator, Sequence
from datetime import datetime

from dashboard.exports.sheet import Sheet
from dashboard.tables.refunds import shown_refunds
from finances.models import Refund
from finances.money import major
from finances.reads.refunds import refund_rows

HEADS = (
    *("id", "status", "customer_id", "customer_name", "customer_email", "payment_id", "charge_id", "currency"),
    *("amount", "reason", "failure_reason", "failure", "invoices", "created_at"),
)


def lines(refunds: Sequence[Refund], now: datetime) -> Iterator[Sequence[object]]:
    for row in shown_refunds(refund_rows(refunds)):
        it, customer = row.refund, row.customer
        yield (
            it.id,
            it.status,
            row.customer_id,
            customer.name if customer else "",
            customer.email if customer else "",
            it.payment_intent_id,
            it.charge_id,
            it.currency.upper(),
            major(it.amount, it.currency),
            it.reason,
            it.failure_reason,
            row.failure.sentence if row.failure else "",
            " ".join(purpose.invoice_id for purpose in row.purposes),
            it.created_at,
        )


SHEET = Sheet(HEADS, lines)
