"""The list of invoices: what is past due, what it shows beside the rows, and its sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from finances.models import Customer, Invoice, InvoicePayment, Payment
from finances.reads.subscriptions import customers_named


@dataclass(frozen=True)
class InvoiceRow:
    invoice: Invoice
    customer: Customer | None
    past_due: bool


@dataclass(frozen=True)
class InvoiceSums:
    """Of one currency, in its minor units, whatever the invoices' statuses."""

    currency: str
    invoices: int
    total: int
    remaining: int
    paid: int


def newest_invoices() -> QuerySet[Invoice]:
    """Without the drafts that were deleted in Stripe."""
    return _newest().all()


@cache
def _newest() -> QuerySet[Invoice]:
    rows = with_money_on_its_way(Invoice.objects.filter(deleted_at=None))
    return rows.order_by("-created_at", "-id")


@cache  # as Django copies it into each query, and to put it together takes as long as to write its SQL
def money_on_its_way() -> Exists:
    """A payment of the invoice is being processed. Stripe counts it as a try, and a bank debit takes some days."""
    return Exists(_paid_by_what_is_processing().filter(invoice_id=OuterRef("id")))


def _paid_by_what_is_processing() -> QuerySet[InvoicePayment]:
    # None is ever deleted: said for the index, which holds those alone that are not.
    processing = Payment.objects.filter(status="processing", deleted_at=None).values("id")
    return InvoicePayment.objects.filter(payment_intent_id__in=processing)


@cache
def among_those_with_money_on_its_way() -> Q:
    """The same for a sum: those few are found once. Asked of each invoice by itself, it would cost a sum over all."""
    return Q(id__in=_paid_by_what_is_processing().values("invoice_id"))


def with_money_on_its_way(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """For `is_past_due`, in the same query."""
    return invoices.annotate(on_its_way=money_on_its_way())


def past_due(now: datetime) -> Q:
    """Open, and its due date passed, or a try failed while nothing is paid and no payment is on its way.

    Stripe has no such status.
    """
    failed = Q(attempt_count__gt=0, amount_paid=0) & ~among_those_with_money_on_its_way()
    return Q(status="open") & (Q(due_at__lt=now) | failed)


def is_past_due(invoice: Invoice, now: datetime) -> bool:
    """The same as `past_due`, of a row that came through `with_money_on_its_way`."""
    late = invoice.due_at is not None and invoice.due_at < now
    failed = invoice.attempt_count > 0 and invoice.amount_paid == 0 and not getattr(invoice, "on_its_way", False)
    return invoice.status == "open" and (late or failed)


def invoice_rows(invoices: Sequence[Invoice], now: datetime) -> list[InvoiceRow]:
    """The page's rows with their customers: one query."""
    customers = customers_named(each.customer_id for each in invoices)
    return [InvoiceRow(each, customers.get(each.customer_id), is_past_due(each, now)) for each in invoices]


def invoice_sums(invoices: QuerySet[Invoice]) -> list[InvoiceSums]:
    """One row a currency, largest count first, never added across. One query, which reads every row."""
    counted = (
        invoices.order_by()
        .values("currency")
        .annotate(
            invoices=Count("id"),
            sum_total=Sum("total"),
            sum_remaining=Sum("amount_remaining"),
            sum_paid=Sum("amount_paid"),
        )
    )
    return [
        InvoiceSums(row["currency"], row["invoices"], row["sum_total"], row["sum_remaining"], row["sum_paid"])
        for row in counted.order_by("-invoices", "currency")
    ]
