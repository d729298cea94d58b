from collections.abc import Iterator, Mapping
from typing import Any, override

from django.core.validators import RegexValidator
from django.db.models import Q
from django.utils import timezone

from dashboard.filters.kinds import (
    AmountFilter,
    CurrencyFilter,
    DayFilter,
    MonthFilter,
    PickFilter,
    SearchFilter,
    TypedFilter,
    stripe_id,
)
from dashboard.filters.object_filter import ObjectFilter
from finances import periods
from finances.models import Payment
from finances.reads.payments import failed_for, standing, with_attempts
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


OF_AN_ATTEMPT = ("reason", "failed", "failed_from", "brand", "last4")


class PaymentsFilter(ObjectFilter):
    """`reason`, `failed`, `failed_from`, `brand` and `last4` are about one and the same attempt of a payment."""

    q = SearchFilter()
    status = PickFilter(label="Status", choices=STATUSES)
    reason = TypedFilter(label="Failed because", placeholder="insufficient_funds", validators=[code])
    failed = MonthFilter(label="Failed in")
    failed_from = DayFilter(label="Failed from")
    brand = TypedFilter(label="Card brand", placeholder="visa", max_length=40)
    last4 = TypedFilter(label="Last four digits", placeholder="4242", validators=[four_digits])
    currency = CurrencyFilter()
    amount_from = AmountFilter(field_name="amount", label="Amount from")
    amount_to = AmountFilter(field_name="amount", label="Amount until", last=True)
    customer = TypedFilter(field_name="customer_id", label="Customer", placeholder="cus_…", validators=[stripe_id])
    created_from = DayFilter(field_name="created_at", label="Created from")
    created_to = DayFilter(field_name="created_at", label="Created until", last=True)

    class Meta:
        model = Payment
        fields: list[str] = []

    @override
    def asked_for(self, in_force: Mapping[str, Any]) -> Iterator[Q]:
        attempt = Q()
        for name, value in in_force.items():
            if name in OF_AN_ATTEMPT:
                attempt &= self._of_attempt(name, value)
            else:
                yield self.condition(name, value)
        if attempt:
            yield self._with_attempts(attempt)

    @override
    def condition(self, name: str, value: Any) -> Q:
        """Of an attempt: that there is one such."""
        if name in OF_AN_ATTEMPT:
            return self._with_attempts(self._of_attempt(name, value))
        return super().condition(name, value)

    def _with_attempts(self, attempt: Q) -> Q:
        return self.looked_up(str(attempt), lambda: with_attempts(attempt))

    def where_q(self, text: str) -> Q:
        return self.searched(text, found_with_attempts)

    def where_status(self, value: str) -> Q:
        return standing(value)

    def _of_attempt(self, name: str, value: Any) -> Q:
        match name:
            case "reason":
                return failed_for(value)
            case "failed":
                first, after = periods.bounds(value, timezone.get_default_timezone())
                return Q(status="failed", created_at__gte=first, created_at__lt=after)
            case "failed_from":
                return Q(status="failed", created_at__gte=periods.start_of(value, timezone.get_current_timezone()))
            case "brand":
                return Q(brand__iexact=value)
        return Q(last4=value)
