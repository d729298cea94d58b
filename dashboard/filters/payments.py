from typing import Any, override

from django.core.validators import RegexValidator
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashboard.filters.catalogue import PriceFilter, ProductFilter
from dashboard.filters.kinds import (
    AmountFilter,
    CurrencyFilter,
    DayFilter,
    MonthFilter,
    PickFilter,
    SearchFilter,
    TypedFilter,
    WholeNumberFilter,
    four_digits,
    stripe_id,
)
from dashboard.filters.object_filter import ObjectFilter
from finances import periods
from finances.models import Payment
from finances.reads.catalogue import Choice
from finances.reads.payments import failed_for, paying_for, standing, with_attempts
from finances.reads.search import found_with_attempts

STATUSES = [
    ("succeeded", _("Succeeded")),
    ("failed", _("Failed")),
    ("processing", _("Processing")),
    ("incomplete", _("Incomplete")),
    ("uncaptured", _("Uncaptured")),
    ("canceled", _("Canceled")),
    ("refunded", _("Refunded")),
    ("disputed", _("Disputed")),
]
code = RegexValidator(r"^[a-z0-9_]{2,64}$")


class PaymentsFilter(ObjectFilter):
    """Parts: attempts. `product`, `price`: on a line of the invoice that it pays."""

    of_a_part = frozenset({"reason", "failed", "failed_from", "failed_to", "brand", "last4"})

    q = SearchFilter()
    status = PickFilter(label=_("Status"), choices=STATUSES)
    reason = TypedFilter(label=_("Failed because"), placeholder="insufficient_funds", validators=[code])
    failed = MonthFilter(label=_("Failed in"))
    failed_from = DayFilter(field_name="created_at", label=_("Failed from"))
    failed_to = DayFilter(field_name="created_at", label=_("Failed until"), last=True)
    brand = TypedFilter(label=_("Card brand"), placeholder="visa", max_length=40)
    last4 = TypedFilter(label=_("Last four digits"), placeholder="4242", validators=[four_digits])
    currency = CurrencyFilter()
    amount_from = AmountFilter(field_name="amount", label=_("Amount from"))
    amount_to = AmountFilter(field_name="amount", label=_("Amount until"), last=True)
    attempts_from = WholeNumberFilter(field_name="attempts", label=_("Attempts from"))
    attempts_to = WholeNumberFilter(field_name="attempts", label=_("Attempts until"), last=True)
    customer = TypedFilter(field_name="customer_id", label=_("Customer"), placeholder="cus_…", validators=[stripe_id])
    product = ProductFilter(_("Product"))
    price = PriceFilter(_("Price"))
    created_from = DayFilter(field_name="created_at", label=_("Created from"))
    created_to = DayFilter(field_name="created_at", label=_("Created until"), last=True)

    class Meta:
        model = Payment
        fields: list[str] = []

    @override
    def with_part(self, condition: Q) -> Q:
        return self.looked_up(str(condition), lambda: with_attempts(condition))

    def where_q(self, text: str) -> Q:
        return self.searched(text, found_with_attempts)

    def where_status(self, value: str) -> Q:
        return standing(value)

    def where_product(self, value: Choice) -> Q:
        return paying_for(product_id=value.id)

    def where_price(self, value: Choice) -> Q:
        return paying_for(price_id=value.id)

    @override
    def asks_of_part(self, name: str, value: Any) -> Q:
        match name:
            case "reason":
                return failed_for(value)
            case "failed":
                first, after = periods.bounds(value, timezone.get_default_timezone())
                return Q(status="failed", created_at__gte=first, created_at__lt=after)
            case "failed_from" | "failed_to":
                return Q(status="failed") & self.filters[name].condition(value)
            case "brand":
                return Q(brand__iexact=value)
        return Q(last4=value)
