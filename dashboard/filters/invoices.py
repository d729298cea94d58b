from datetime import date
from typing import Any, override

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.formats import date_format

from dashboard.filters.list_filter import (
    CurrencyFilter,
    DayFilter,
    ListFilter,
    MonthFilter,
    PickFilter,
    SearchFilter,
    TypedFilter,
    stripe_id,
)
from finances.models import CreditNote, Invoice
from finances.reads.invoices import past_due
from finances.reads.search import found_in

STATUSES = [
    ("draft", "Draft"),
    ("open", "Open"),
    ("past_due", "Past due"),
    ("paid", "Paid"),
    ("uncollectible", "Uncollectible"),
    ("void", "Void"),
]


REASONS = [
    ("subscription_create", "A subscription’s start"),
    ("subscription_cycle", "A renewal"),
    ("subscription_update", "A change"),
    ("subscription_threshold", "A usage limit"),
    ("manual", "Made by hand"),
    ("quote_accept", "A quote"),
    ("automatic_pending_invoice_item_invoice", "Pending items"),
]


class InvoicesFilter(ListFilter):
    q = SearchFilter(method="search")
    status = PickFilter(label="Status", choices=STATUSES, method="by_status")
    currency = CurrencyFilter()
    customer = TypedFilter(field_name="customer_id", label="Customer", placeholder="cus_…", validators=[stripe_id])
    subscription = TypedFilter(
        field_name="subscription_id", label="Subscription", placeholder="sub_…", validators=[stripe_id]
    )
    reason = PickFilter(field_name="billing_reason", label="Came about by", choices=REASONS)
    credit_note = PickFilter(label="Credit note", choices=[("yes", "Has one")], method="by_credit_note")
    paid = MonthFilter(field_name="paid_at", label="Paid in")
    created_from = DayFilter(field_name="created_at", label="Created from")
    created_to = DayFilter(field_name="created_at", label="Created until", last=True)

    class Meta:
        model = Invoice
        fields: list[str] = []

    @override
    def describe(self, name: str, value: Any) -> str:
        if name == "paid" and isinstance(value, date):
            return f"Paid in {date_format(value, 'F Y')}"
        return super().describe(name, value)

    def by_credit_note(self, invoices: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        """Void ones do not count: they take nothing off."""
        notes = CreditNote.objects.filter(invoice_id=OuterRef("id"), deleted_at=None).exclude(status="void")
        return invoices.filter(Exists(notes))

    def search(self, invoices: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        return self.searched(invoices, value, found_in)

    def by_status(self, invoices: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        """Past due ones are open too, and stand under both."""
        return invoices.filter(past_due(self.now)) if value == "past_due" else invoices.filter(status=value)
