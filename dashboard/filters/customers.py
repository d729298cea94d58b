from datetime import date
from typing import Any, override

from django.core.validators import RegexValidator
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashboard.filters.catalogue import PriceFilter, ProductFilter
from dashboard.filters.kinds import (
    AmountFilter,
    CountryFilter,
    CurrencyFilter,
    DayFilter,
    MonthFilter,
    PickFilter,
    SearchFilter,
    TypedFilter,
    YesOrNoFilter,
    four_digits,
)
from dashboard.filters.object_filter import COLLECTION, ObjectFilter
from finances.metrics.subscribers import customers_lost_in, customers_returned_in
from finances.models import Customer
from finances.reads.catalogue import Choice
from finances.reads.customers import subscribed, subscribing
from finances.reads.expiring_cards import charged_to_a_card_that_expires_in
from finances.reads.lists import of_subscriptions_with
from finances.reads.search import found_customers_ever, with_phone
from finances.reads.whose import with_card

SUBSCRIBING = [
    ("active", _("Active")),
    ("past_due", _("Past due")),
    ("trialing", _("Trial")),
    ("unpaid", _("Unpaid")),
    ("incomplete", _("Incomplete")),
    ("paused", _("Paused")),
    ("canceled", _("Canceled")),
    ("expired", _("Expired")),
    ("none", _("No subscription")),
]
some_digits = RegexValidator(r"(\d\D*){3}")
SUBSCRIBERS = {"returned": customers_returned_in, "lost": customers_lost_in}


class CustomersFilter(ObjectFilter):
    """Parts: subscriptions that have not ended; `amount`: the monthly value of one."""

    of_a_part = frozenset({"product", "price", "collection", "amount_from", "amount_to"})
    customer_column = "id"

    q = SearchFilter()
    status = PickFilter(label=_("Subscription"), choices=SUBSCRIBING)
    currency = CurrencyFilter()
    email = TypedFilter(label=_("E-mail"), placeholder="ada@example.com", max_length=512)
    name = TypedFilter(label=_("Name"), placeholder="Ada Lovelace", max_length=512)
    phone = TypedFilter(label=_("Phone"), placeholder="+49301234567", max_length=64, validators=[some_digits])
    last4 = TypedFilter(label=_("Card’s last four digits"), placeholder="4242", validators=[four_digits])
    user = TypedFilter(label=_("User"), placeholder="42", max_length=255)
    product = ProductFilter(_("Subscribed product"))
    price = PriceFilter(_("Subscribed price"))
    collection = PickFilter(field_name="collection_method", label=_("Collected"), choices=COLLECTION)
    amount_from = AmountFilter(field_name="mrr", label=_("A subscription’s monthly value from"))
    amount_to = AmountFilter(field_name="mrr", label=_("A subscription’s monthly value until"), last=True)
    delinquent = YesOrNoFilter(label=_("Delinquent"))
    country = CountryFilter()
    new = MonthFilter(field_name="paying_since", label=_("New subscribers in"))
    returned = MonthFilter(label=_("Subscribers who came back in"))
    lost = MonthFilter(label=_("Subscribers lost in"))
    card_expires = MonthFilter(label=_("Charged to a card that expires in"))
    created_from = DayFilter(field_name="created_at", label=_("Created from"))
    created_to = DayFilter(field_name="created_at", label=_("Created until"), last=True)

    class Meta:
        model = Customer
        fields: list[str] = []

    def where_q(self, text: str) -> Q:
        return self.searched(text, found_customers_ever)

    def where_status(self, value: str) -> Q:
        return subscribing(value)

    def where_last4(self, value: str) -> Q:
        return with_card(value)

    def where_phone(self, value: str) -> Q:
        return with_phone(value)

    def containing_phone(self, part: str) -> Q:
        return with_phone(part)

    @override
    def asks_of_part(self, name: str, value: Any) -> Q:
        if isinstance(value, Choice):
            return of_subscriptions_with("id", **{f"{name}_id": value.id})
        return self.filters[name].condition(value)

    @override
    def with_part(self, condition: Q) -> Q:
        return subscribed(condition)

    def where_returned(self, month: date) -> Q:
        return self._subscriber("returned", month)

    def where_lost(self, month: date) -> Q:
        return self._subscriber("lost", month)

    def where_card_expires(self, month: date) -> Q:
        return charged_to_a_card_that_expires_in(month)

    def _subscriber(self, how: str, month: date) -> Q:
        return Q(id__in=SUBSCRIBERS[how](month, timezone.get_default_timezone()))
