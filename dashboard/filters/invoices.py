from datetime import date
from typing import Any, override

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

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
from finances.metrics.aging import aged
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


AGES = [
    ("overdue", _("late by any number of days")),
    ("not-due", _("not yet due")),
    ("1-30", _("1–30 days late")),
    ("31-60", _("31–60 days late")),
    ("61-90", _("61–90 days late")),
    ("91-120", _("91–120 days late")),
    ("over-120", _("over 120 days late")),
]


class InvoicesFilter(ListFilter):
    """`age`: of open ones, as receivables count it, in days of the account's zone."""

    q = SearchFilter(method="search")
    status = PickFilter(label="Status", choices=STATUSES, method="by_status")
    currency = CurrencyFilter()
    customer = TypedFilter(field_name="customer_id", label="Customer", placeholder="cus_…", validators=[stripe_id])
    subscription = TypedFilter(
        field_name="subscription_id", label="Subscription", placeholder="sub_…", validators=[stripe_id]
    )
    age = PickFilter(label=_("Open and"), choices=AGES, method="by_age")
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

    def by_age(self, invoices: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        return invoices.filter(aged(value, self.now, timezone.get_default_timezone()))

    def by_credit_note(self, invoices: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        """Void ones do not count: they take nothing off."""
        notes = CreditNote.objects.filter(invoice_id=OuterRef("id"), deleted_at=None).exclude(status="void")
        return invoices.filter(Exists(notes))

    def search(self, invoices: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        return self.searched(invoices, value, found_in)

    def by_status(self, invoices: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        """Past due ones are open too, and stand under both."""
        return invoices.filter(past_due(self.now)) if value == "past_due" else invoices.filter(status=value)
