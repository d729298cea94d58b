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
from finances.models import Refund
from finances.reads.search import found_with_customer

STATUSES = [
    ("succeeded", "Succeeded"),
    ("pending", "Pending"),
    ("requires_action", "Waits for the customer"),
    ("failed", "Failed"),
    ("canceled", "Canceled"),
]
REASONS = [
    ("requested_by_customer", "Asked for by the customer"),
    ("duplicate", "Duplicate"),
    ("fraudulent", "Fraud"),
    ("expired_uncaptured_charge", "Never captured"),
]


class RefundsFilter(ListFilter):
    q = SearchFilter(method="search")
    status = PickFilter(label="Status", choices=STATUSES, field_name="status")
    reason = PickFilter(label="Reason", choices=REASONS, field_name="reason")
    currency = CurrencyFilter()
    customer = TypedFilter(field_name="customer_id", label="Customer", placeholder="cus_…", validators=[stripe_id])
    created_from = DayFilter(field_name="created_at", label="Created from")
    created_to = DayFilter(field_name="created_at", label="Created until", last=True)

    class Meta:
        model = Refund
        fields: list[str] = []

    def search(self, refunds: QuerySet[Refund], name: str, value: str) -> QuerySet[Refund]:
        return self.searched(refunds, value, found_with_customer)
