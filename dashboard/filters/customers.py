from datetime import date
from typing import Any, override

from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from dashboard.filters.list_filter import (
    CurrencyFilter,
    DayFilter,
    ListFilter,
    MonthFilter,
    PickFilter,
    SearchFilter,
    TypedFilter,
    yes_or_no,
)
from finances.metrics.subscribers import customers_lost_in, customers_new_in, customers_returned_in
from finances.models import Customer
from finances.reads.customers import subscribing
from finances.reads.expiring_cards import charged_to_a_card_that_expires_in
from finances.reads.search import found_in

SUBSCRIBING = [
    ("active", "Active"),
    ("past_due", "Past due"),
    ("trialing", "Trial"),
    ("unpaid", "Unpaid"),
    ("incomplete", "Incomplete"),
    ("paused", "Paused"),
    ("canceled", "Canceled"),
    ("none", "No subscription"),
]


SUBSCRIBERS = {"new": customers_new_in, "returned": customers_returned_in, "lost": customers_lost_in}
two_letters = RegexValidator(r"^[A-Za-z]{2}$")


class CountryFilter(TypedFilter):
    """Stripe writes ISO's two letters in capitals."""

    def __init__(self, **options: Any) -> None:
        super().__init__(label="Country", placeholder="DE", validators=[two_letters], **options)

    @override
    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return super().filter(qs, value.upper() if value else value)


class CustomersFilter(ListFilter):
    q = SearchFilter(method="search")
    status = PickFilter(label="Subscription", choices=SUBSCRIBING, method="by_subscription")
    currency = CurrencyFilter()
    delinquent = yes_or_no(field_name="delinquent", label="Delinquent")
    country = CountryFilter()
    new = MonthFilter(label="New subscribers in", method="by_subscribing")
    returned = MonthFilter(label="Subscribers who came back in", method="by_subscribing")
    lost = MonthFilter(label="Subscribers lost in", method="by_subscribing")
    card_expires = MonthFilter(label="Charged to a card that expires in", method="by_card")
    created_from = DayFilter(field_name="created_at", label="Created from")
    created_to = DayFilter(field_name="created_at", label="Created until", last=True)

    class Meta:
        model = Customer
        fields: list[str] = []

    @override
    def describe(self, name: str, value: Any) -> str:
        if isinstance(self.filters[name], MonthFilter) and isinstance(value, date):
            return f"{self.filters[name].label} {date_format(value, 'F Y')}"
        return super().describe(name, value)

    def by_subscribing(self, customers: QuerySet[Customer], name: str, value: date | None) -> QuerySet[Customer]:
        if value is None:
            return customers
        return customers.filter(id__in=SUBSCRIBERS[name](value, timezone.get_default_timezone()))

    def by_card(self, customers: QuerySet[Customer], name: str, value: date | None) -> QuerySet[Customer]:
        return customers if value is None else customers.filter(charged_to_a_card_that_expires_in(value))

    def search(self, customers: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        return self.searched(customers, value, found_in)

    def by_subscription(self, customers: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        return customers.filter(subscribing(value))
