from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dashboard.filters.kinds import (
    AmountFilter,
    CurrencyFilter,
    DayFilter,
    PickFilter,
    SearchFilter,
    TypedFilter,
    stripe_id,
)
from dashboard.filters.object_filter import ObjectFilter
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


class RefundsFilter(ObjectFilter):
    q = SearchFilter()
    status = PickFilter(label="Status", choices=STATUSES)
    reason = PickFilter(label="Reason", choices=REASONS)
    currency = CurrencyFilter()
    amount_from = AmountFilter(field_name="amount", label=_("Amount from"))
    amount_to = AmountFilter(field_name="amount", label=_("Amount until"), last=True)
    payment = TypedFilter(
        field_name="payment_intent_id", label=_("Payment"), placeholder="pi_…", validators=[stripe_id]
    )
    customer = TypedFilter(field_name="customer_id", label="Customer", placeholder="cus_…", validators=[stripe_id])
    created_from = DayFilter(field_name="created_at", label="Created from")
    created_to = DayFilter(field_name="created_at", label="Created until", last=True)

    class Meta:
        model = Refund
        fields: list[str] = []

    def where_q(self, text: str) -> Q:
        return self.searched(text, found_with_customer)
