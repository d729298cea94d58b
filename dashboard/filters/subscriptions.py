from django.db.models import QuerySet

from dashboard.filters.list_filter import (
    CurrencyFilter,
    DayFilter,
    ListFilter,
    PickFilter,
    SearchFilter,
    TypedFilter,
    stripe_id,
    yes_or_no,
)
from finances.models import Subscription
from finances.reads.search import matching_with_customer

STATUSES = [
    ("active", "Active"),
    ("past_due", "Past due"),
    ("trialing", "Trial"),
    ("unpaid", "Unpaid"),
    ("incomplete", "Incomplete"),
    ("paused", "Paused"),
    ("canceled", "Canceled"),
    ("incomplete_expired", "Expired"),
]


class SubscriptionsFilter(ListFilter):
    q = SearchFilter(method="search")
    status = PickFilter(label="Status", choices=STATUSES)
    currency = CurrencyFilter()
    cancels = yes_or_no(field_name="cancel_at_period_end", label="Cancels at period end")
    customer = TypedFilter(field_name="customer_id", label="Customer", placeholder="cus_…", validators=[stripe_id])
    created_from = DayFilter(field_name="created_at", label="Created from")
    created_to = DayFilter(field_name="created_at", label="Created until", last=True)

    class Meta:
        model = Subscription
        fields: list[str] = []

    def search(self, subscriptions: QuerySet[Subscription], name: str, value: str) -> QuerySet[Subscription]:
        return matching_with_customer(subscriptions, value)
