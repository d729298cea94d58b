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
from finances.models import Dispute
from finances.reads.disputes import standing
from finances.reads.search import found_with_customer

STATUSES = [
    ("needs_response", "Needs response"),
    ("under_review", "Under review"),
    ("won", "Won"),
    ("lost", "Lost"),
    ("warnings", "Inquiries"),
    ("prevented", "Prevented"),
]
REASONS = [
    ("fraudulent", "Not made by the cardholder"),
    ("unrecognized", "Not recognised"),
    ("subscription_canceled", "Subscription cancelled"),
    ("product_not_received", "Not received"),
    ("product_unacceptable", "Not as described"),
    ("credit_not_processed", "Refund did not come"),
    ("duplicate", "Charged twice"),
    ("debit_not_authorized", "Debit not agreed to"),
    ("general", "No particular reason"),
]


class DisputesFilter(ListFilter):
    q = SearchFilter(method="search")
    status = PickFilter(label="Status", choices=STATUSES, method="by_standing")
    reason = PickFilter(label="Reason", choices=REASONS, field_name="reason")
    currency = CurrencyFilter()
    customer = TypedFilter(field_name="customer_id", label="Customer", placeholder="cus_…", validators=[stripe_id])
    due_to = DayFilter(field_name="evidence_due_at", label="Answer until", last=True)
    created_from = DayFilter(field_name="created_at", label="Created from")
    created_to = DayFilter(field_name="created_at", label="Created until", last=True)

    class Meta:
        model = Dispute
        fields: list[str] = []

    def search(self, disputes: QuerySet[Dispute], name: str, value: str) -> QuerySet[Dispute]:
        return self.searched(disputes, value, found_with_customer)

    def by_standing(self, disputes: QuerySet[Dispute], name: str, value: str) -> QuerySet[Dispute]:
        return disputes.filter(standing(value))
