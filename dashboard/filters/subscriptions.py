from django.db.models import Q
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
    YesOrNoFilter,
    stripe_id,
)
from dashboard.filters.object_filter import COLLECTION, ObjectFilter
from finances.metrics.paying import ever_paying, paying_at
from finances.models import Subscription
from finances.reads.catalogue import Choice
from finances.reads.expiring_cards import RUNNING
from finances.reads.lists import of_subscriptions_with
from finances.reads.search import found_with_customer

STATUSES = [
    ("active", _("Active")),
    ("past_due", _("Past due")),
    ("trialing", _("Trial")),
    ("unpaid", _("Unpaid")),
    ("incomplete", _("Incomplete")),
    ("paused", _("Paused")),
    ("canceled", _("Canceled")),
    ("incomplete_expired", _("Expired")),
]


class SubscriptionsFilter(ObjectFilter):
    """`amount`: the monthly value."""

    q = SearchFilter()
    status = PickFilter(label=_("Status"), choices=STATUSES)
    currency = CurrencyFilter()
    cancels = YesOrNoFilter(label=_("Cancels at period end"))
    customer = TypedFilter(field_name="customer_id", label=_("Customer"), placeholder="cus_…", validators=[stripe_id])
    product = ProductFilter(_("Product"))
    price = PriceFilter(_("Price"))
    collection = PickFilter(field_name="collection_method", label=_("Collected"), choices=COLLECTION)
    mrr = PickFilter(
        label=_("Monthly value"), choices=[("counted", _("Counts as MRR")), ("unknown", _("Not computed"))]
    )
    amount_from = AmountFilter(field_name="mrr", label=_("Monthly value from"))
    amount_to = AmountFilter(field_name="mrr", label=_("Monthly value until"), last=True)
    since = MonthFilter(field_name="paying_since", label=_("Paid for since"))
    until = MonthFilter(field_name="paying_until", label=_("Paid for until"))
    period_end_from = DayFilter(field_name="current_period_end", label=_("Period ends from"))
    period_end_to = DayFilter(field_name="current_period_end", label=_("Period ends until"), last=True)
    trial_end_from = DayFilter(field_name="trial_ends_at", label=_("Trial ends from"))
    trial_end_to = DayFilter(field_name="trial_ends_at", label=_("Trial ends until"), last=True)
    canceled_from = DayFilter(field_name="canceled_at", label=_("Canceled from"))
    canceled_to = DayFilter(field_name="canceled_at", label=_("Canceled until"), last=True)
    created_from = DayFilter(field_name="created_at", label=_("Created from"))
    created_to = DayFilter(field_name="created_at", label=_("Created until"), last=True)

    class Meta:
        model = Subscription
        fields: list[str] = []

    def where_q(self, text: str) -> Q:
        return self.searched(text, found_with_customer)

    def where_product(self, value: Choice) -> Q:
        return of_subscriptions_with("id", product_id=value.id)

    def where_price(self, value: Choice) -> Q:
        return of_subscriptions_with("id", price_id=value.id)

    def where_mrr(self, value: str) -> Q:
        """Paid for now: what MRR is the sum of, or what it leaves out and says so."""
        paid_for = ever_paying().filter(paying_at(self.now)).values("id")
        return Q(mrr__isnull=value == "unknown", id__in=paid_for)

    def where_cancels(self, value: str) -> Q:
        """Of those that run: one that has ended keeps Stripe's mark and has nothing left to cancel."""
        return Q(status__in=RUNNING, cancel_at_period_end=value == "yes")
