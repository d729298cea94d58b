from collections.abc import Iterator, Sequence
from datetime import datetime

from dashboard.exports.sheet import Sheet
from dashboard.tables.disputes import shown_disputes
from finances.models import Dispute
from finances.money import major
from finances.reads.disputes import dispute_rows

HEADS = (
    *("id", "status", "customer_id", "customer_name", "customer_email", "payment_id", "charge_id", "currency"),
    *("amount", "reason", "says", "evidence_due_at", "has_evidence", "submission_count", "invoices", "created_at"),
)


def lines(disputes: Sequence[Dispute], now: datetime) -> Iterator[Sequence[object]]:
    """`says`: what the cardholder or the bank claims, in plain words."""
    for row in shown_disputes(dispute_rows(disputes), now):
        it, customer = row.dispute, row.customer
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
            row.says,
            it.evidence_due_at,
            it.has_evidence,
            it.submission_count,
            " ".join(purpose.invoice_id for purpose in row.purposes),
            it.created_at,
        )


SHEET = Sheet(HEADS, lines)
