"""The list of credit notes with their invoices, and its sums."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from finances.models import CreditNote, Customer, Invoice
from finances.reads.subscriptions import customers_named


@dataclass(frozen=True)
class CreditNoteRow:
    note: CreditNote
    invoice: Invoice | None
    customer: Customer | None


@dataclass(frozen=True)
class CreditNoteSums:
    """Of one currency, in its minor units. `total`: of those that were not voided."""

    currency: str
    notes: int
    total: int


def newest_credit_notes() -> QuerySet[CreditNote]:
    return CreditNote.objects.filter(deleted_at=None).order_by("-created_at", "-id")


def went_to(place: str) -> Q:
    """`invoice`: lowered what was open. `refund`, `balance`, `outside`: gave back what was paid."""
    column = {
        "invoice": "pre_payment_amount",
        "refund": "refund_amount",
        "balance": "customer_balance_amount",
        "outside": "out_of_band_amount",
    }[place]
    return Q(**{f"{column}__gt": 0})


def credit_note_rows(notes: Sequence[CreditNote]) -> list[CreditNoteRow]:
    """The page's rows with invoices and customers: two queries, however many rows."""
    invoices = Invoice.objects.only("id", "number", "customer_id").in_bulk({each.invoice_id for each in notes})
    owners = {each.id: each.customer_id or customer_of(invoices.get(each.invoice_id)) for each in notes}
    customers = customers_named(owners.values())
    return [CreditNoteRow(each, invoices.get(each.invoice_id), customers.get(owners[each.id])) for each in notes]


def customer_of(invoice: Invoice | None) -> str:
    return invoice.customer_id if invoice else ""


def credit_note_sums(notes: QuerySet[CreditNote]) -> list[CreditNoteSums]:
    """One row a currency, largest count first, never added across. One query, which reads every row."""
    counted = (
        notes.order_by()
        .values("currency")
        .annotate(notes=Count("id"), sum_total=Sum("total", filter=~Q(status="void")))
        .order_by("-notes", "currency")
    )
    return [CreditNoteSums(row["currency"], row["notes"], row["sum_total"] or 0) for row in counted]
