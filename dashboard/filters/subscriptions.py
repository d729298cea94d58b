from datetime import date
from typing import Any, override

from django.core.validators import RegexValidator
from django.db.models import QuerySet
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
from finances.metrics.paying import ever_paying, paying_at
from finances.models import Subscription, SubscriptionItem
from finances.reads.expiring_cards import RUNNING
from finances.reads.search import found_with_customer

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


# Prices and products may have ids of one's own making.
object_id = RegexValidator(r"^[A-Za-z0-9_.\-]{1,255}$")


def _holding(**of_item: str) -> QuerySet[Any]:
    return SubscriptionItem.objects.filter(deleted_at=None, **of_item).values("subscription_id")


class SubscriptionsFilter(ListFilter):
    q = SearchFilter(method="search")
    status = PickFilter(label="Status", choices=STATUSES)
    currency = CurrencyFilter()
    cancels = PickFilter(label="Cancels at period end", choices=[("yes", "Yes"), ("no", "No")], method="by_cancelling")
    customer = TypedFilter(field_name="customer_id", label="Customer", placeholder="cus_…", validators=[stripe_id])
    product = TypedFilter(label="Product", placeholder="prod_…", validators=[object_id], method="by_product")
    price = TypedFilter(label="Price", placeholder="price_…", validators=[object_id], method="by_price")
    mrr = PickFilter(
        label="Monthly value", choices=[("counted", "Counts as MRR"), ("unknown", "Not computed")], method="by_value"
    )
    since = MonthFilter(field_name="paying_since", label="Paid for since")
    until = MonthFilter(field_name="paying_until", label="Paid for until")
    created_from = DayFilter(field_name="created_at", label="Created from")
    created_to = DayFilter(field_name="created_at", label="Created until", last=True)

    class Meta:
        model = Subscription
        fields: list[str] = []

    @override
    def describe(self, name: str, value: Any) -> str:
        if name in ("since", "until") and isinstance(value, date):
            return f"{self.filters[name].label} {date_format(value, 'F Y')}"
        return super().describe(name, value)

    def by_product(self, subscriptions: QuerySet[Subscription], name: str, value: str) -> QuerySet[Subscription]:
        return subscriptions.filter(id__in=_holding(product_id=value))

    def by_price(self, subscriptions: QuerySet[Subscription], name: str, value: str) -> QuerySet[Subscription]:
        return subscriptions.filter(id__in=_holding(price_id=value))

    def by_value(self, subscriptions: QuerySet[Subscription], name: str, value: str) -> QuerySet[Subscription]:
        """Paid for now: what MRR is the sum of, or what it leaves out and says so."""
        paid_for = ever_paying().filter(paying_at(self.now)).values("id")
        return subscriptions.filter(mrr__isnull=value == "unknown", id__in=paid_for)

    def by_cancelling(self, subscriptions: QuerySet[Subscription], name: str, value: str) -> QuerySet[Subscription]:
        """Of those that run: one that has ended keeps Stripe's mark and has nothing left to cancel."""
        return subscriptions.filter(status__in=RUNNING, cancel_at_period_end=value == "yes")

    def search(self, subscriptions: QuerySet[Subscription], name: str, value: str) -> QuerySet[Subscription]:
        return self.searched(subscriptions, value, found_with_customer)
