from collections.abc import Iterator, Sequence
from datetime import datetime

from dashboard.exports.sheet import Sheet
from dashboard.tables.payments import shown_payment
from finances.models import Payment
from finances.money import major
from finances.reads.payments import PaymentRow, payment_rows

HEADS = (
    *("id", "status", "customer_id", "customer_name", "customer_email", "description", "currency", "amount"),
    *("amount_received", "amount_refunded", "method", "last4", "attempts", "failure", "failure_code", "decline_code"),
    *("invoices", "created_at", "canceled_at"),
)


def lines(payments: Sequence[Payment], now: datetime) -> Iterator[Sequence[object]]:
    """`status`: how the list shows it. `failure`: in plain words. `invoices`: their ids."""
    return (line(row) for row in payment_rows(payments))


def line(row: PaymentRow) -> Sequence[object]:
    it, shown, customer = row.payment, shown_payment(row), row.customer
    refunded = sum(charge.amount_refunded for charge in row.attempts)
    return (
        it.id,
        row.standing,
        it.customer_id,
        customer.name if customer else "",
        customer.email if customer else "",
        it.description,
        it.currency.upper(),
        major(it.amount, it.currency),
        major(it.amount_received, it.currency),
        major(refunded, it.currency),
        shown.method.name if shown.method else "",
        shown.method.last4 if shown.method else "",
        len(row.attempts),
        shown.failure.sentence if shown.failure else "",
        it.failure_code,
        it.decline_code,
        " ".join(purpose.invoice_id for purpose in row.purposes),
        it.created_at,
        it.canceled_at,
    )


SHEET = Sheet(HEADS, lines)
