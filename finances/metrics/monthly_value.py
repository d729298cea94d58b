"""What a subscription is worth a month, from Stripe's JSON: the ground under MRR.

Definition (Stripe's, with ChartMogul's divisors): each licensed item's price for a billing period (units, tiers or
packages), less the discounts that last for ever, less the tax that the price includes, divided by the months of its
interval: 12 for a year, 1 for a month, 12/52 for a week, 12/365 for a day, times the interval count. Metered items and
what is sold once count nothing. Which statuses count is the reader's choice (MRR: active and past_due).
What lacks something that a rule needs is not guessed: the total is None, and `gap` says which rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from finances.expandable import id_of
from finances.metrics.item_price import NotComputable, gross, is_metered, months_of, number, quantity_of
from finances.metrics.lasting_discounts import held_discounts, lasting, take_off

Json = dict[str, Any]

ZERO = Decimal(0)


@dataclass(frozen=True)
class ItemValue:
    """How one item's monthly value comes about. `gross`, `discount`, `tax`: minor units of one billing period.

    `monthly` = (`gross` - `discount` - `tax`) / `months`. `why`: metered or one_time for an item that counts nothing,
    free for a price of nothing, or the gap that leaves `monthly` None.
    """

    item_id: str
    price_id: str
    quantity: Decimal | None
    gross: Decimal | None
    discount: Decimal
    tax: Decimal
    months: Decimal
    monthly: Decimal | None
    why: str = ""


@dataclass(frozen=True)
class MonthlyValue:
    """`total`: minor units of the subscription's currency a month; None where a part cannot be computed: see `gap`.

    Gaps: tiers_unknown, beyond_tiers, no_amount, no_quantity, no_price, price_currency, coupon_unknown,
    coupon_currency, tax_unknown, mixed_intervals, more_items.
    """

    items: tuple[ItemValue, ...]
    total: Decimal | None
    gap: str = ""


def monthly_value(
    subscription: Json,
    prices: Mapping[str, Json] | None = None,
    coupons: Mapping[str, Json] | None = None,
    customer_discount: Json | None = None,
) -> MonthlyValue:
    """`prices` and `coupons`: as they are stored, by id: a subscription carries neither tiers nor `applies_to`.

    `customer_discount`: the customer's own, which counts where the subscription has none.
    """
    items = (subscription.get("items") or {}).get("data") or []
    currency = subscription.get("currency") or ""
    per_item = [_before_discounts(item, prices or {}, currency) for item in items]
    gap = next((value.why for value in per_item if value.monthly is None and value.gross is None), "")
    if (subscription.get("items") or {}).get("has_more"):
        gap = "more_items"
    counted = {value.item_id: value for value in per_item if value.gross}
    try:
        left = _after_discounts(subscription, items, counted, coupons or {}, customer_discount)
        valued = [
            _settled(value, left[value.item_id], _included_tax(item, subscription)) if value.item_id in left else value
            for item, value in zip(items, per_item, strict=True)
        ]
    except NotComputable as missing:
        gap, valued = gap or missing.gap, per_item
    total = None if gap else sum((value.monthly for value in valued if value.monthly is not None), ZERO)
    return MonthlyValue(tuple(valued), total, gap)


def _before_discounts(item: Json, prices: Mapping[str, Json], currency: str) -> ItemValue:
    price = item.get("price") or {}
    item_id, price_id = item.get("id") or "", price.get("id") or ""
    months = months_of(price)

    def nothing(why: str, *, gap: bool = False) -> ItemValue:
        none = None if gap else ZERO
        return ItemValue(item_id, price_id, None, none, ZERO, ZERO, months or ZERO, none, why)

    if is_metered(item):
        return nothing("metered")
    if not price_id:
        return nothing("no_price", gap=True)
    if months is None:
        return nothing("one_time")
    try:
        quantity = quantity_of(item)
        amount = gross(price, quantity, prices.get(price_id), currency)
    except NotComputable as missing:
        return nothing(missing.gap, gap=True)
    why = "" if amount else "free"
    return ItemValue(item_id, price_id, quantity, amount, ZERO, ZERO, months, amount / months, why)


def _after_discounts(
    subscription: Json,
    items: list[Json],
    counted: Mapping[str, ItemValue],
    coupons: Mapping[str, Json],
    customer_discount: Json | None,
) -> dict[str, Decimal]:
    """What is left of each counted item's price for a period. Raises NotComputable."""
    left = {item_id: value.gross or ZERO for item_id, value in counted.items()}
    currency = subscription.get("currency") or ""
    products = {item["id"]: id_of((item.get("price") or {}).get("product")) for item in items}
    for item in items:
        if item["id"] in left:
            for coupon in lasting(item.get("discounts") or [], coupons):
                own = {item["id"]: left[item["id"]]}
                take_off(coupon, own, products, currency)
                left |= own
    held = held_discounts(subscription)
    if not held and customer_discount:
        held = [customer_discount]
    for coupon in lasting(held, coupons):
        if coupon.get("percent_off") is None and len({counted[item_id].months for item_id in left}) > 1:
            # An amount is taken off each invoice, and items of different intervals are on different ones.
            raise NotComputable("mixed_intervals")
        take_off(coupon, left, products, currency)
    return left


def _settled(value: ItemValue, left: Decimal, tax_percentage: Decimal) -> ItemValue:
    tax = left - left / (1 + tax_percentage / 100)
    return ItemValue(
        value.item_id,
        value.price_id,
        value.quantity,
        value.gross,
        (value.gross or ZERO) - left,
        tax,
        value.months,
        (left - tax) / value.months,
        value.why,
    )


def _included_tax(item: Json, subscription: Json) -> Decimal:
    """The percentage of tax that the price includes already. Raises NotComputable where Stripe works it out itself."""
    if (subscription.get("automatic_tax") or {}).get("enabled"):
        if (item.get("price") or {}).get("tax_behavior") == "inclusive":
            raise NotComputable("tax_unknown")
        return ZERO
    rates = item.get("tax_rates") or subscription.get("default_tax_rates") or []
    included = [rate for rate in rates if rate.get("inclusive")]
    return sum((number(rate.get("percentage")) or ZERO for rate in included), ZERO)
