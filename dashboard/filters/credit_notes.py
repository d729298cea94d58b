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
from dashboard.filters.object_filter import NumberedFilter
from finances.models import CreditNote
from finances.reads.credit_notes import went_to
from finances.reads.search import found_with_customer

STATUSES = [("issued", _("Issued")), ("void", _("Void"))]
REASONS = [
    ("duplicate", _("A duplicate")),
    ("fraudulent", _("Taken for fraud")),
    ("order_change", _("The order changed")),
    ("product_unsatisfactory", _("The product did not satisfy")),
]
PLACES = [
    ("invoice", _("Off the open invoice")),
    ("refund", _("Refunded")),
    ("balance", _("Customer’s credit")),
    ("outside", _("Outside Stripe")),
]


class CreditNotesFilter(NumberedFilter):
    q = SearchFilter()
    status = PickFilter(label=_("Status"), choices=STATUSES)
    reason = PickFilter(label=_("Reason"), choices=REASONS)
    went = PickFilter(label=_("Money went"), choices=PLACES)
    currency = CurrencyFilter()
    amount_from = AmountFilter(field_name="total", label=_("Amount from"))
    amount_to = AmountFilter(field_name="total", label=_("Amount until"), last=True)
    customer = TypedFilter(field_name="customer_id", label=_("Customer"), placeholder="cus_…", validators=[stripe_id])
    invoice = TypedFilter(field_name="invoice_id", label=_("Invoice"), placeholder="in_…", validators=[stripe_id])
    created_from = DayFilter(field_name="created_at", label=_("Created from"))
    created_to = DayFilter(field_name="created_at", label=_("Created until"), last=True)

    class Meta:
        model = CreditNote
        fields: list[str] = []

    def where_q(self, text: str) -> Q:
        return self.searched(text, found_with_customer)

    def where_went(self, value: str) -> Q:
        return went_to(value)
