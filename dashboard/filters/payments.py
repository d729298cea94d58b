from datetime import date
from typing import Any, override

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db.models import Q, QuerySet
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
    stripe_id,
)
from finances import periods
from finances.models import Payment
from finances.reads.payments import attempted, between, failed_for, standing
from finances.reads.search import found_with_attempts

STATUSES = [
    ("succeeded", "Succeeded"),
    ("failed", "Failed"),
    ("processing", "Processing"),
    ("incomplete", "Incomplete"),
    ("uncaptured", "Uncaptured"),
    ("canceled", "Canceled"),
    ("refunded", "Refunded"),
    ("disputed", "Disputed"),
]
code = RegexValidator(r"^[a-z0-9_]{2,64}$")
four_digits = RegexValidator(r"^[0-9]{4}$")


class AmountFilter(django_filters.NumberFilter):
    """Major units of each payment's own currency: 10 is 10.00 EUR, 10 JPY and 10.000 KWD. `method` gets a Decimal."""

    def __init__(self, **options: Any) -> None:
        attributes = {"class": "pd-input", "inputmode": "decimal", "step": "any", "min": "0"}
        super().__init__(
            widget=forms.NumberInput(attrs=attributes),
            validators=[MinValueValidator(0), MaxValueValidator(10**12)],
            **options,
        )


class PaymentsFilter(ListFilter):
    """`reason`, `failed`, `failed_from`, `brand` and `last4` are about one and the same attempt of a payment."""

    q = SearchFilter(method="search")
    status = PickFilter(label="Status", choices=STATUSES, method="by_standing")
    reason = TypedFilter(label="Failed because", placeholder="insufficient_funds", validators=[code], method="attempt")
    failed = MonthFilter(label="Failed in", method="attempt")
    failed_from = DayFilter(label="Failed from", method="attempt")
    brand = TypedFilter(label="Card brand", placeholder="visa", max_length=40, method="attempt")
    last4 = TypedFilter(label="Last four digits", placeholder="4242", validators=[four_digits], method="attempt")
    currency = CurrencyFilter()
    amount_from = AmountFilter(label="Amount from", method="amount")
    amount_to = AmountFilter(label="Amount until", method="amount")
    customer = TypedFilter(field_name="customer_id", label="Customer", placeholder="cus_…", validators=[stripe_id])
    created_from = DayFilter(field_name="created_at", label="Created from")
    created_to = DayFilter(field_name="created_at", label="Created until", last=True)

    class Meta:
        model = Payment
        fields: list[str] = []

    @override
    def filter_queryset(self, queryset: QuerySet[Payment]) -> QuerySet[Payment]:
        payments, conditions = super().filter_queryset(queryset), self.in_force()
        lowest, highest = conditions.get("amount_from"), conditions.get("amount_to")
        if lowest is not None or highest is not None:
            payments = payments.filter(between(lowest, highest))
        attempt = Q()
        if reason := conditions.get("reason"):
            attempt &= failed_for(reason)
        if month := conditions.get("failed"):
            first, after = periods.bounds(month, timezone.get_default_timezone())
            attempt &= Q(status="failed", created_at__gte=first, created_at__lt=after)
        if day := conditions.get("failed_from"):
            attempt &= Q(status="failed", created_at__gte=periods.start_of(day, timezone.get_current_timezone()))
        if brand := conditions.get("brand"):
            attempt &= Q(brand__iexact=brand)
        if last4 := conditions.get("last4"):
            attempt &= Q(last4=last4)
        return payments.filter(attempted(attempt)) if attempt else payments

    @override
    def describe(self, name: str, value: Any) -> str:
        if name == "failed" and isinstance(value, date):
            return f"Failed in {date_format(value, 'F Y')}"
        return super().describe(name, value)

    def search(self, payments: QuerySet[Payment], name: str, value: str) -> QuerySet[Payment]:
        return self.searched(payments, value, found_with_attempts)

    def by_standing(self, payments: QuerySet[Payment], name: str, value: str) -> QuerySet[Payment]:
        return payments.filter(standing(value))

    def attempt(self, payments: QuerySet[Payment], name: str, value: Any) -> QuerySet[Payment]:
        """All of them together, in `filter_queryset`."""
        return payments

    amount = attempt
