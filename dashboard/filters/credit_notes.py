from django.db.models import QuerySet

from dashboard.filters.list_filter import (
    CurrencyFilter,
    DayFilter,
    ListFilter,
    PickFilter,
    SearchFilter,
    TypedFilter,
    stripe_id,
)
from finances.models import CreditNote
from finances.reads.credit_notes import went_to
from finances.reads.search import found_with_customer

STATUSES = [("issued", "Issued"), ("void", "Void")]
REASONS = [
    ("duplicate", "A duplicate"),
    ("fraudulent", "Taken for fraud"),
    ("order_change", "The order changed"),
    ("product_unsatisfactory", "The product did not satisfy"),
]
PLACES = [
    ("invoice", "Off the open invoice"),
    ("refund", "Refunded"),
    ("balance", "Customer’s credit"),
    ("outside", "Outside Stripe"),
]


class CreditNotesFilter(ListFilter):
    q = SearchFilter(method="search")
    status = PickFilter(label="Status", choices=STATUSES, field_name="status")
    reason = PickFilter(label="Reason", choices=REASONS, field_name="reason")
    went = PickFilter(label="Money went", choices=PLACES, method="by_place")
    currency = CurrencyFilter()
    customer = TypedFilter(field_name="customer_id", label="Customer", placeholder="cus_…", validators=[stripe_id])
    invoice = TypedFilter(field_name="invoice_id", label="Invoice", placeholder="in_…", validators=[stripe_id])
    created_from = DayFilter(field_name="created_at", label="Created from")
    created_to = DayFilter(field_name="created_at", label="Created until", last=True)

    class Meta:
        model = CreditNote
        fields: list[str] = []

    def search(self, notes: QuerySet[CreditNote], name: str, value: str) -> QuerySet[CreditNote]:
        return self.searched(notes, value, found_with_customer)

    def by_place(self, notes: QuerySet[CreditNote], name: str, value: str) -> QuerySet[CreditNote]:
        return notes.filter(went_to(value))
