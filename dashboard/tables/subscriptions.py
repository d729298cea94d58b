"""Subscriptions in words: the plan, its price, what is about to happen to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.prices import every, plain_number, priced, unit_price, unit_price_of
from dashboard.tables.remark import Remark
from finances.models import Customer, Subscription
from finances.reads.subscriptions import ENDED, Item, SubscriptionRow

RECIPE = gettext_lazy(
    "For each item: its price for one period (units, tiers or packages), less the discounts that last for ever, less "
    "the tax that is in the price, divided by the months of the period (a year is 12, a week 12/52). Metered prices "
    "count nothing. Where a rule lacks what it needs there is no value."
)
COLLECTION = {
    "charge_automatically": gettext_lazy("Charged automatically"),
    "send_invoice": gettext_lazy("Invoice is sent"),
}
REASONS = {
    "canceled_by_retention_policy": gettext_lazy("removed by Stripe’s retention policy"),
    "cancellation_requested": gettext_lazy("the cancellation was asked for"),
    "payment_failed": gettext_lazy("payment failed"),
    "payment_disputed": gettext_lazy("payment disputed"),
}
FEEDBACK = {
    "customer_service": gettext_lazy("customer service"),
    "low_quality": gettext_lazy("quality"),
    "missing_features": gettext_lazy("missing features"),
    "other": gettext_lazy("another reason"),
    "switched_service": gettext_lazy("went to another service"),
    "too_complex": gettext_lazy("too complex"),
    "too_expensive": gettext_lazy("too expensive"),
    "unused": gettext_lazy("not used enough"),
}
TRIAL_ENDS = {
    "cancel": "cancelled",
    "create_invoice": gettext_lazy("an invoice is made"),
    "pause": "paused",
}
PAUSES = {
    "keep_as_draft": gettext_lazy("invoices stay drafts"),
    "mark_uncollectible": gettext_lazy("invoices are written off"),
    "void": gettext_lazy("invoices are voided"),
}


@dataclass(frozen=True)
class ShownSubscription:
    subscription: Subscription
    customer: Customer | None
    plan: str
    prices: str
    period_end: datetime | None
    standing: Remark | None
    value: Decimal | None
    why_no_value: str


GAPS = {
    "beyond_tiers": gettext_lazy("its quantity is above the last tier"),
    "coupon_currency": gettext_lazy("a discount takes an amount off in another currency"),
    "coupon_unknown": gettext_lazy(
        "a discount’s coupon is not stored here, or was made anew since; a resync reads what Stripe has"
    ),
    "mixed_intervals": gettext_lazy(
        "a discount takes an amount off prices of different intervals, which are on different invoices"
    ),
    "more_items": gettext_lazy("it has more items than came with it"),
    "no_amount": gettext_lazy("its price has no amount"),
    "no_price": gettext_lazy("an item came without its price"),
    "no_quantity": gettext_lazy("Stripe names no quantity"),
    "price_currency": gettext_lazy(
        "its price is in another currency, and what it costs in this one is not stored here"
    ),
    "tax_unknown": gettext_lazy("the price includes tax, and Stripe works out how much only on the invoice"),
    "tiers_unknown": gettext_lazy("its tiers are not stored here yet; a resync of the price reads them"),
}


class ShownItem(NamedTuple):
    """`unit_price`: digits, empty for tiers."""

    item: Item
    quantity: str
    unit_price: str
    every: str


def gap(code: str) -> str:
    """Which rule of the monthly value lacks what it needs."""
    if code in GAPS:
        return str(GAPS[code])
    return _("a rule is missing (%(code)s)") % {"code": code} if code else _("not computed yet; a resync does")


def shown_items(items: Sequence[Item]) -> list[ShownItem]:
    return [
        ShownItem(
            item,
            quantity=_("metered") if item.quantity is None else quantity(item),
            unit_price="" if item.unit_amount is None else unit_price(item.unit_amount, item.currency),
            every=every(item.interval, item.interval_count),
        )
        for item in items
    ]


def shown_subscriptions(rows: Sequence[SubscriptionRow]) -> list[ShownSubscription]:
    return [
        ShownSubscription(
            subscription=row.subscription,
            customer=row.customer,
            plan=plan(row.items),
            prices=prices(row.items),
            period_end=None if row.subscription.status in ENDED else row.subscription.current_period_end,
            standing=standing(row.subscription, row.trial_without_method),
            value=None if row.subscription.status in ENDED else row.subscription.mrr,
            why_no_value=why_no_value(row.subscription),
        )
        for row in rows
    ]


def plan(items: Sequence[Item]) -> str:
    """`Business, 40 seats; Archive add-on`."""
    return "; ".join(with_seats(item) if several(item) else item.product for item in items)


def with_seats(item: Item) -> str:
    return _("%(product)s, %(quantity)s seats") % {"product": item.product, "quantity": quantity(item)}


def prices(items: Sequence[Item]) -> str:
    """`40 × 33.00 EUR a month, 106.67 EUR a month`."""
    return ", ".join(f"{quantity(item)} × {price(item)}" if several(item) else price(item) for item in items)


def several(item: Item) -> bool:
    return item.quantity is not None and item.quantity != 1


def quantity(item: Item) -> str:
    return plain_number(item.quantity)


def price(item: Item) -> str:
    what = unit_price_of(item.unit_amount, item.currency)
    return priced(what, item.interval, item.interval_count, by_use=item.quantity is None)


def standing(subscription: Subscription, trial_without_method: bool = False) -> Remark | None:
    """What is about to happen, or happened: one line."""
    if subscription.status in ENDED:
        return Remark(_("ended"), subscription.ended_at) if subscription.ended_at else None
    if moment := cancels_at(subscription):
        return Remark(_("cancels on"), moment)
    if subscription.collection_paused:
        return Remark(_("collection paused"))
    if trial_without_method and (ends_at := subscription.trial_ends_at or subscription.current_period_end):
        return Remark(_("no payment method; the trial ends on"), ends_at, tone="warning")
    if subscription.status == "trialing" and subscription.current_period_end:
        return Remark(_("until"), subscription.current_period_end)
    return None


def cancels_at(subscription: Subscription) -> datetime | None:
    """When one that runs is set to end."""
    if subscription.status in ENDED:
        return None
    if subscription.cancel_at_period_end and subscription.current_period_end:
        return subscription.current_period_end
    return subscription.cancel_at


def why_no_value(subscription: Subscription) -> str:
    if subscription.status in ENDED:
        return _("it has ended")
    return _("not counted: %(why)s") % {"why": gap(subscription.mrr_gap)} if subscription.mrr is None else ""
