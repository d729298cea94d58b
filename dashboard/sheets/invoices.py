from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils import timezone

from dashboard.exports.sheet import Sheet
from dashboard.tables.invoices import status
from finances.metrics.aging import days_late
from finances.models import Invoice
from finances.money import major
from finances.reads.invoices import InvoiceRow, invoice_rows

HEADS = (
    *("id", "number", "status", "customer_id", "customer_name", "customer_email", "subscription_id", "currency"),
    *("total", "tax", "discount", "amount_due", "amount_paid", "amount_remaining", "collection_method"),
    *("billing_reason", "attempt_count", "next_attempt_at", "created_at", "finalized_at", "due_at", "paid_at"),
    *("due_since", "days_late"),
)
AMOUNTS = ("total", "tax", "discount", "amount_due", "amount_paid", "amount_remaining")


def lines(invoices: Sequence[Invoice], now: datetime) -> Iterator[Sequence[object]]:
    """`status`: Stripe's, or past_due. `due_since`, `days_late`: of open ones, as receivables count them."""
    for row in invoice_rows(invoices, now):
        yield line(row, now)


def line(row: InvoiceRow, now: datetime) -> Sequence[object]:
    it, customer = row.invoice, row.customer
    is_open = it.status == "open"
    return (
        it.id,
        it.number,
        status(it, row.past_due),
        it.customer_id,
        customer.name if customer else "",
        customer.email if customer else "",
        it.subscription_id,
        it.currency.upper(),
        *(major(getattr(it, name), it.currency) for name in AMOUNTS),
        it.collection_method,
        it.billing_reason,
        it.attempt_count,
        it.next_attempt_at,
        it.created_at,
        it.finalized_at,
        it.due_at,
        it.paid_at,
        it.due_since if is_open else None,
        days_late(it.due_since, now, timezone.get_default_timezone()) if is_open else None,
    )


SHEET = Sheet(HEADS, lines)
