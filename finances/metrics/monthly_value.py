"""What a subscription is worth a month, from Stripe's JSON: the ground under MRR.

Definition (Stripe's, with ChartMogul's divisors): for each licensed, per-unit item
`unit_amount_decimal x quantity / months`, months = 12 x interval_count for years, interval_count for months,
interval_count x 12/52 for weeks, interval_count x 12/365 for days. Metered items count nothing. Tax is left out.
What cannot be computed yet (tiers, packages, any discount) is not guessed: the value is None.
Which statuses count is the reader's choice (MRR: active and past_due).
"""

from decimal import Decimal
from typing import Any

MONTHS = {"year": Decimal(12), "month": Decimal(1), "week": Decimal(12) / 52, "day": Decimal(12) / 365}


def monthly_value(subscription: dict[str, Any]) -> Decimal | None:
    """Minor units of the subscription's currency a month; None where a part of it cannot be computed."""
    if subscription.get("discounts") or subscription.get("discount"):
        return None
    values = [item_value(item) for item in (subscription.get("items") or {}).get("data") or []]
    if None in values:
        return None
    return sum((value for value in values if value is not None), Decimal(0))


def item_value(item: dict[str, Any]) -> Decimal | None:
    """One item's value a month, in minor units; 0 for metered and one-time prices, None for what is not per unit."""
    price = item.get("price") or {}
    recurring = price.get("recurring") or {}
    if item.get("discounts"):
        return None
    if recurring.get("usage_type") == "metered" or recurring.get("interval") not in MONTHS:
        return Decimal(0)
    if price.get("billing_scheme") == "tiered" or price.get("transform_quantity"):
        return None
    unit_amount = price.get("unit_amount_decimal") or price.get("unit_amount")
    if unit_amount is None:
        return None
    months = MONTHS[recurring["interval"]] * (recurring.get("interval_count") or 1)
    quantity = item.get("quantity_decimal") or item.get("quantity") or 0
    return Decimal(str(unit_amount)) * Decimal(str(quantity)) / months
