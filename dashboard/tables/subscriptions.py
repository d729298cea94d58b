"""Subscriptions in words: the plan, its price, what is about to happen to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from dashboard import formatting
from dashboard.tables.remark import Remark
from finances import money
from finances.models import Customer, Subscription
from finances.reads.subscriptions import ENDED, Item, SubscriptionRow

RECIPE = (
    "For each item: its price for one period (units, tiers or packages), less the discounts that last for ever, less "
    "the tax that is in the price, divided by the months of the period (a year is 12, a week 12/52). Metered prices "
    "count nothing. Where a rule lacks what it needs there is no value."
)
COLLECTION = {"charge_automatically": "Charged automatically", "send_invoice": "Invoice is sent"}
REASONS = {
    "canceled_by_retention_policy": "removed by Stripe’s retention policy",
    "cancellation_requested": "the cancellation was asked for",
    "payment_failed": "payment failed",
    "payment_disputed": "payment disputed",
}
FEEDBACK = {
    "customer_service": "customer service",
    "low_quality": "quality",
    "missing_features": "missing features",
    "other": "another reason",
    "switched_service": "went to another service",
    "too_complex": "too complex",
    "too_expensive": "too expensive",
    "unused": "not used enough",
}
TRIAL_ENDS = {
    "cancel": "cancelled",
    "create_invoice": "an invoice is made",
    "pause": "paused",
}
PAUSES = {
    "keep_as_draft": "invoices stay drafts",
    "mark_uncollectible": "invoices are written off",
    "void": "invoices are voided",
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
    "beyond_tiers": "its quantity is above the last tier",
    "coupon_currency": "a discount takes an amount off in another currency",
    "coupon_unknown": "a discount’s coupon is not stored here, or was made anew since; a resync reads what Stripe has",
    "mixed_intervals": "a discount takes an amount off prices of different intervals, which are on different invoices",
    "more_items": "it has more items than came with it",
    "no_amount": "its price has no amount",
    "no_price": "an item came without its price",
    "no_quantity": "Stripe names no quantity",
    "price_currency": "its price is in another currency, and what it costs in this one is not stored here",
    "tax_unknown": "the price includes tax, and Stripe works out how much only on the invoice",
    "tiers_unknown": "its tiers are not stored here yet; a resync of the price reads them",
}


class ShownItem(NamedTuple):
    """`unit_price`: digits, empty for tiers."""

    item: Item
    quantity: str
    unit_price: str
    every: str


def gap(code: str) -> str:
    """Which rule of the monthly value lacks what it needs."""
    return GAPS.get(code) or (f"a rule is missing ({code})" if code else "not computed yet; a resync does")


def shown_items(items: Sequence[Item]) -> list[ShownItem]:
    return [
        ShownItem(
            item,
            quantity="metered" if item.quantity is None else quantity(item),
            unit_price="" if item.unit_amount is None else unit_price(item.unit_amount, item.currency),
            every=every(item),
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
    return "; ".join(f"{item.product}, {quantity(item)} seats" if several(item) else item.product for item in items)


def prices(items: Sequence[Item]) -> str:
    """`40 × 33.00 EUR a month, 106.67 EUR a month`."""
    return ", ".join(f"{quantity(item)} × {price(item)}" if several(item) else price(item) for item in items)


def several(item: Item) -> bool:
    return item.quantity is not None and item.quantity != 1


def quantity(item: Item) -> str:
    return plain_number(item.quantity)


def plain_number(number: Decimal | None) -> str:
    """`40`, `1,250`, `0.5`: no more digits than it has."""
    if number is None:
        return formatting.EN_DASH
    return (formatting.MINUS if number < 0 else "") + f"{abs(number).normalize():,f}"


def price(item: Item) -> str:
    metered = " by use" if item.quantity is None else ""
    if item.unit_amount is None:
        return f"tiers in {item.currency.upper()}{metered} {every(item)}"
    return f"{unit_price(item.unit_amount, item.currency)} {item.currency.upper()}{metered} {every(item)}"


def unit_price(amount: Decimal, currency: str) -> str:
    """Digits of a price in minor units; more decimals than the currency's where it has fractions of a minor unit."""
    if amount == amount.to_integral_value():
        return formatting.digits(amount, currency)
    return plain_number(amount.scaleb(-money.decimals(currency)))


def every(item: Item) -> str:
    if not item.interval:
        return "once"
    return f"a {item.interval}" if item.interval_count == 1 else f"every {item.interval_count} {item.interval}s"


def standing(subscription: Subscription, trial_without_method: bool = False) -> Remark | None:
    """What is about to happen, or happened: one line."""
    if subscription.status in ENDED:
        return Remark("ended", subscription.ended_at) if subscription.ended_at else None
    if subscription.cancel_at_period_end and subscription.current_period_end:
        return Remark("cancels on", subscription.current_period_end)
    if subscription.cancel_at:
        return Remark("cancels on", subscription.cancel_at)
    if subscription.collection_paused:
        return Remark("collection paused")
    if trial_without_method and (ends_at := subscription.trial_ends_at or subscription.current_period_end):
        return Remark(_("no payment method; the trial ends on"), ends_at, tone="warning")
    if subscription.status == "trialing" and subscription.current_period_end:
        return Remark("until", subscription.current_period_end)
    return None


def why_no_value(subscription: Subscription) -> str:
    if subscription.status in ENDED:
        return "it has ended"
    return f"not counted: {gap(subscription.mrr_gap)}" if subscription.mrr is None else ""
