"""What one subscription item costs for one billing period, before discounts: units, tiers, packages."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

Json = dict[str, Any]

MONTHS = {"year": Decimal(12), "month": Decimal(1), "week": Decimal(12) / 52, "day": Decimal(12) / 365}
"""Months in one interval. A price for two weeks is for 2 x 12/52 of a month."""


class NotComputable(Exception):
    """A rule lacks what it needs; `gap` is its code, kept as `Subscription.mrr_gap`."""

    def __init__(self, gap: str) -> None:
        self.gap = gap
        super().__init__(gap)


def number(value: Any) -> Decimal | None:
    """Stripe's integer or decimal text; None for nothing. Zero is a number."""
    return None if value is None or isinstance(value, bool) else Decimal(str(value))


def months_of(price: Json) -> Decimal | None:
    """How many months a price is for; None for what is sold once."""
    recurring = price.get("recurring") or {}
    months = MONTHS.get(recurring.get("interval") or "")
    return None if months is None else months * (recurring.get("interval_count") or 1)


def is_metered(item: Json) -> bool:
    """What it costs is known from its use alone."""
    return ((item.get("price") or {}).get("recurring") or {}).get("usage_type") == "metered"


def quantity_of(item: Json) -> Decimal:
    quantity = number(item.get("quantity_decimal"))
    quantity = number(item.get("quantity")) if quantity is None else quantity
    if quantity is None:
        raise NotComputable("no_quantity")
    return quantity


def gross(price: Json, quantity: Decimal, with_tiers: Json | None, currency: str) -> Decimal:
    """Minor units of `currency` for one period. `with_tiers`: the same price as it is stored, since an item's price has
    no tiers.

    Raises NotComputable.
    """
    if currency and price.get("currency") and price["currency"] != currency:
        # A price in several currencies shows the amount in its first one; what is charged is in its options.
        options = price.get("currency_options") or (with_tiers or {}).get("currency_options") or {}
        if not (option := options.get(currency)):
            raise NotComputable("price_currency")
        price = price | {"unit_amount": None, "unit_amount_decimal": None, "tiers": None} | option
        with_tiers = None
    if price.get("billing_scheme") == "tiered":
        tiers = price.get("tiers") or (with_tiers or {}).get("tiers")
        if not tiers:
            raise NotComputable("tiers_unknown")
        return _graduated(tiers, quantity) if price.get("tiers_mode") == "graduated" else _volume(tiers, quantity)
    if package := price.get("transform_quantity"):
        rounding = ROUND_CEILING if package.get("round") == "up" else ROUND_FLOOR
        quantity = (quantity / Decimal(package["divide_by"])).to_integral_value(rounding)
    unit_amount = _amount(price, "unit_amount")
    if unit_amount is None:
        raise NotComputable("no_amount")
    return unit_amount * quantity


def _amount(it: Json, name: str) -> Decimal | None:
    """`unit_amount_decimal` holds fractions of a minor unit where `unit_amount` is null or rounded."""
    exact = number(it.get(f"{name}_decimal"))
    return number(it.get(name)) if exact is None else exact


def _graduated(tiers: list[Json], quantity: Decimal) -> Decimal:
    """Each unit at the price of the tier that it falls into; the flat amount of every tier that is reached."""
    total, below = Decimal(0), Decimal(0)
    for place, tier in enumerate(tiers):
        up_to = number(tier.get("up_to"))
        in_tier = quantity - below if up_to is None else min(quantity, up_to) - below
        if in_tier <= 0 and place:
            break
        total += (_amount(tier, "unit_amount") or 0) * max(in_tier, Decimal(0)) + (_amount(tier, "flat_amount") or 0)
        if up_to is None or quantity <= up_to:
            break
        below = up_to
    else:
        raise NotComputable("beyond_tiers")
    return total


def _volume(tiers: list[Json], quantity: Decimal) -> Decimal:
    """All units at the price of the one tier that the whole quantity falls into, and that tier's flat amount."""
    for tier in tiers:
        up_to = number(tier.get("up_to"))
        if up_to is None or quantity <= up_to:
            return (_amount(tier, "unit_amount") or 0) * quantity + (_amount(tier, "flat_amount") or 0)
    raise NotComputable("beyond_tiers")
