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
    ("succeeded", _("Succeeded")),
    ("pending", _("Pending")),
    ("requires_action", _("Waits for the customer")),
    ("failed", _("Failed")),
    ("canceled", _("Canceled")),
]
REASONS = [
    ("requested_by_customer", _("Asked for by the customer")),
    ("duplicate", _("Duplicate")),
    ("fraudulent", _("Fraud")),
    ("expired_uncaptured_charge", _("Never captured")),
]


class RefundsFilter(ObjectFilter):
    q = SearchFilter()
    status = PickFilter(label=_("Status"), choices=STATUSES)
    reason = PickFilter(label=_("Reason"), choices=REASONS)
    currency = CurrencyFilter()
    amount_from = AmountFilter(field_name="amount", label=_("Amount from"))
    amount_to = AmountFilter(field_name="amount", label=_("Amount until"), last=True)
    payment = TypedFilter(
        field_name="payment_intent_id", label=_("Payment"), placeholder="pi_…", validators=[stripe_id]
    )
    customer = TypedFilter(field_name="customer_id", label=_("Customer"), placeholder="cus_…", validators=[stripe_id])
    created_from = DayFilter(field_name="created_at", label=_("Created from"))
    created_to = DayFilter(field_name="created_at", label=_("Created until"), last=True)

    class Meta:
        model = Refund
        fields: list[str] = []

    def where_q(self, text: str) -> Q:
        return self.searched(text, found_with_customer)
