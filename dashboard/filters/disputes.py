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
from finances.models import Dispute
from finances.reads.disputes import standing
from finances.reads.search import found_with_customer

STATUSES = [
    ("needs_response", _("Needs response")),
    ("under_review", _("Under review")),
    ("won", _("Won")),
    ("lost", _("Lost")),
    ("warnings", _("Inquiries")),
    ("prevented", _("Prevented")),
]
REASONS = [
    ("fraudulent", _("Not made by the cardholder")),
    ("unrecognized", _("Not recognised")),
    ("subscription_canceled", _("Subscription cancelled")),
    ("product_not_received", _("Not received")),
    ("product_unacceptable", _("Not as described")),
    ("credit_not_processed", _("Refund did not come")),
    ("duplicate", _("Charged twice")),
    ("debit_not_authorized", _("Debit not agreed to")),
    ("general", _("No particular reason")),
]


class DisputesFilter(ObjectFilter):
    q = SearchFilter()
    status = PickFilter(label=_("Status"), choices=STATUSES)
    reason = PickFilter(label=_("Reason"), choices=REASONS)
    currency = CurrencyFilter()
    amount_from = AmountFilter(field_name="amount", label=_("Amount from"))
    amount_to = AmountFilter(field_name="amount", label=_("Amount until"), last=True)
    customer = TypedFilter(field_name="customer_id", label=_("Customer"), placeholder="cus_…", validators=[stripe_id])
    due_from = DayFilter(field_name="evidence_due_at", label=_("Answer from"))
    due_to = DayFilter(field_name="evidence_due_at", label=_("Answer until"), last=True)
    created_from = DayFilter(field_name="created_at", label=_("Created from"))
    created_to = DayFilter(field_name="created_at", label=_("Created until"), last=True)

    class Meta:
        model = Dispute
        fields: list[str] = []

    def where_q(self, text: str) -> Q:
        return self.searched(text, found_with_customer)

    def where_status(self, value: str) -> Q:
        return standing(value)
