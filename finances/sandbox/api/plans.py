"""Plans: what Stripe called recurring prices before 2020. It still shows each of them as one, under the same id."""

from __future__ import annotations

from finances.sandbox.engine.store import Object

SAME = (
    "id",
    "active",
    "billing_scheme",
    "created",
    "currency",
    "livemode",
    "metadata",
    "nickname",
    "product",
    "tiers_mode",
)


def is_plan(price: Object) -> bool:
    return price.get("object") == "price" and isinstance(price.get("recurring"), dict)


def plan_of(price: Object) -> Object:
    """A recurring price in a plan's shape; its tiers go along."""
    recurring, package = price["recurring"], price.get("transform_quantity")
    made: Object = {name: price.get(name) for name in SAME}
    made |= {
        "object": "plan",
        "amount": price.get("unit_amount"),
        "amount_decimal": price.get("unit_amount_decimal"),
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "meter": recurring.get("meter"),
        "transform_usage": package,
        "trial_period_days": recurring.get("trial_period_days"),
        "usage_type": recurring["usage_type"],
    }
    return made | {"tiers": price["tiers"]} if "tiers" in price else made
