from collections.abc import Iterator, Sequence
from datetime import datetime

from dashboard.exports.sheet import Sheet
from dashboard.tables.credit_notes import shown_credit_notes
from finances.models import CreditNote
from finances.money import major
from finances.reads.credit_notes import credit_note_rows

HEADS = (
    *("id", "number", "status", "customer_id", "customer_name", "customer_email", "invoice_id", "invoice_number"),
    *("currency", "total", "pre_payment_amount", "refund_amount", "customer_balance_amount", "out_of_band_amount"),
    *("reason", "memo", "created_at", "voided_at"),
)
AMOUNTS = ("total", "pre_payment_amount", "refund_amount", "customer_balance_amount", "out_of_band_amount")


def lines(notes: Sequence[CreditNote], now: datetime) -> Iterator[Sequence[object]]:
    for row in shown_credit_notes(credit_note_rows(notes)):
        it, customer = row.note, row.customer
        yield (
            it.id,
            it.number,
            it.status,
            row.customer_id,
            customer.name if customer else "",
            customer.email if customer else "",
            it.invoice_id,
            row.invoice.number if row.invoice else "",
            it.currency.upper(),
            *(major(getattr(it, name), it.currency) for name in AMOUNTS),
            it.reason,
            it.memo,
            it.created_at,
            it.voided_at,
        )


SHEET = Sheet(HEADS, lines)
