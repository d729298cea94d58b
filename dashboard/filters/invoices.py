from datetime import date

from django.db.models import Exists, OuterRef, Q
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
    YesFilter,
    stripe_id,
)
from dashboard.filters.object_filter import COLLECTION, NumberedFilter
from finances.metrics.aging import aged, late
from finances.models import CreditNote, Invoice
from finances.reads.catalogue import Choice
from finances.reads.invoices import past_due
from finances.reads.lists import with_line
from finances.reads.search import found_in

STATUSES = [
    ("draft", _("Draft")),
    ("open", _("Open")),
    ("past_due", _("Past due")),
    ("paid", _("Paid")),
    ("uncollectible", _("Uncollectible")),
    ("void", _("Void")),
]
REASONS = [
    ("subscription_create", _("A subscription’s start")),
    ("subscription_cycle", _("A renewal")),
    ("subscription_update", _("A change")),
    ("subscription_threshold", _("A usage limit")),
    ("manual", _("Made by hand")),
    ("quote_accept", _("A quote")),
    ("automatic_pending_invoice_item_invoice", _("Pending items")),
]
AGES = [
    ("overdue", _("late by any number of days")),
    ("not-due", _("not yet due")),
    ("1-30", _("1–30 days late")),
    ("31-60", _("31–60 days late")),
    ("61-90", _("61–90 days late")),
    ("91-120", _("91–120 days late")),
    ("over-120", _("over 120 days late")),
]


class InvoicesFilter(NumberedFilter):
    """`age`, `late_from` and `late_to`: of open ones, as receivables count it, in days of the account's zone."""

    q = SearchFilter()
    status = PickFilter(label=_("Status"), choices=STATUSES)
    currency = CurrencyFilter()
    amount_from = AmountFilter(field_name="total", label=_("Total from"))
    amount_to = AmountFilter(field_name="total", label=_("Total until"), last=True)
    customer = TypedFilter(field_name="customer_id", label=_("Customer"), placeholder="cus_…", validators=[stripe_id])
    subscription = TypedFilter(
        field_name="subscription_id", label=_("Subscription"), placeholder="sub_…", validators=[stripe_id]
    )
    product = ProductFilter(_("Product"))
    price = PriceFilter(_("Price"))
    age = PickFilter(label=_("Open and"), choices=AGES)
    late_from = WholeNumberFilter(label=_("Days late from"))
    late_to = WholeNumberFilter(label=_("Days late until"), last=True)
    collection = PickFilter(field_name="collection_method", label=_("Collected"), choices=COLLECTION)
    attempts_from = WholeNumberFilter(field_name="attempt_count", label=_("Tries from"))
    attempts_to = WholeNumberFilter(field_name="attempt_count", label=_("Tries until"), last=True)
    reason = PickFilter(field_name="billing_reason", label=_("Came about by"), choices=REASONS)
    credit_note = YesFilter(label=_("Credit note"), yes=_("Has one"))
    issued_from = DayFilter(field_name="finalized_at", label=_("Issued from"))
    issued_to = DayFilter(field_name="finalized_at", label=_("Issued until"), last=True)
    paid = MonthFilter(field_name="paid_at", label=_("Paid in"))
    paid_from = DayFilter(field_name="paid_at", label=_("Paid from"))
    paid_to = DayFilter(field_name="paid_at", label=_("Paid until"), last=True)
    due_from = DayFilter(field_name="due_at", label=_("Due from"))
    due_to = DayFilter(field_name="due_at", label=_("Due until"), last=True)
    created_from = DayFilter(field_name="created_at", label=_("Created from"))
    created_to = DayFilter(field_name="created_at", label=_("Created until"), last=True)

    class Meta:
        model = Invoice
        fields: list[str] = []

    def where_q(self, text: str) -> Q:
        return self.searched(text, found_in)

    def where_status(self, value: str) -> Q:
        """Past due ones are open too, and stand under both."""
        return past_due(self.now) if value == "past_due" else Q(status=value)

    def where_paid_to(self, value: date) -> Q:
        return self._until("paid_to", value)

    def where_issued_to(self, value: date) -> Q:
        return self._until("issued_to", value)

    def _until(self, name: str, value: date) -> Q:
        # Nothing comes before it was made. Left unsaid, all that are newer would be read on the way to a page.
        return self.filters[name].condition(value) & self.filters["created_to"].condition(value)

    def where_age(self, value: str) -> Q:
        return aged(value, self.now, timezone.get_default_timezone())

    def where_late_from(self, value: int) -> Q:
        return late(value, None, self.now, timezone.get_default_timezone())

    def where_late_to(self, value: int) -> Q:
        return late(1, value, self.now, timezone.get_default_timezone())

    def where_product(self, value: Choice) -> Q:
        return with_line("id", product_id=value.id)

    def where_price(self, value: Choice) -> Q:
        return with_line("id", price_id=value.id)

    def where_credit_note(self, value: str) -> Q:
        """Void ones do not count: they take nothing off."""
        notes = CreditNote.objects.filter(invoice_id=OuterRef("id"), deleted_at=None).exclude(status="void")
        return Q(Exists(notes))
