from django.db.models import QuerySet

from dashboard.filters.list_filter import CurrencyFilter, DayFilter, ListFilter, PickFilter, SearchFilter, yes_or_no
from finances.models import Customer
from finances.reads.customers import subscribing
from finances.reads.search import matching

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


class CustomersFilter(ListFilter):
    q = SearchFilter(method="search")
    status = PickFilter(label="Subscription", choices=SUBSCRIBING, method="by_subscription")
    currency = CurrencyFilter()
    delinquent = yes_or_no(field_name="delinquent", label="Delinquent")
    created_from = DayFilter(field_name="created_at", label="Created from")
    created_to = DayFilter(field_name="created_at", label="Created until", last=True)

    class Meta:
        model = Customer
        fields: list[str] = []

    def search(self, customers: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        return matching(customers, value)

    def by_subscription(self, customers: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        return customers.filter(subscribing(value))
