"""Products, prices and billing meters."""

from __future__ import annotations

from collections.abc import Sequence

from finances.sandbox.engine.store import Object

# Up to which quantity (None: without end), minor units for each one, minor units once for the tier.
Tier = tuple[int | None, int | str | None, int | None]


def product(product_id: str, created: int, name: str, description: str, unit_label: str | None = "seat") -> Object:
    return {
        "id": product_id,
        "object": "product",
        "active": True,
        "created": created,
        "default_price": None,
        "description": description,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "unit_label": unit_label,
        "updated": created,
        "url": None,
    }


def price(
    price_id: str,
    created: int,
    product_id: str,
    currency: str,
    unit_amount: int | str | None,
    interval: str | None,
    *,
    tiers: Sequence[Tier] = (),
    tiers_mode: str | None = None,
    package: tuple[int, str] | None = None,
    meter: str | None = None,
    tax_behavior: str = "unspecified",
    nickname: str | None = None,
    lookup_key: str | None = None,
) -> Object:
    """`unit_amount` in the currency's minor unit (yen have none), as text where it holds fractions of one.

    `interval` day, week, month or year; None for a price that is paid once. `package` is (divide by, "up" or "down").
    `tiers` are kept with the price and shown only where they are asked for.
    """
    recurring = {
        "interval": interval,
        "interval_count": 1,
        "meter": meter,
        "usage_type": "metered" if meter else "licensed",
    }
    made: Object = {
        "id": price_id,
        "object": "price",
        "active": True,
        "billing_scheme": "tiered" if tiers else "per_unit",
        "created": created,
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": lookup_key,
        "metadata": {},
        "nickname": nickname,
        "product": product_id,
        "recurring": recurring if interval else None,
        "tax_behavior": tax_behavior,
        "tiers_mode": tiers_mode,
        "transform_quantity": {"divide_by": package[0], "round": package[1]} if package else None,
        "type": "recurring" if interval else "one_time",
        "unit_amount": unit_amount if isinstance(unit_amount, int) else None,
        "unit_amount_decimal": None if unit_amount is None else str(unit_amount),
    }
    if tiers:
        made["tiers"] = [_tier(*each) for each in tiers]
    return made


def meter(meter_id: str, created: int, name: str, event_name: str) -> Object:
    """Counts what a customer uses: the sum of the values that are reported under `event_name`."""
    return {
        "id": meter_id,
        "object": "billing.meter",
        "created": created,
        "customer_mapping": {"event_payload_key": "stripe_customer_id", "type": "by_id"},
        "default_aggregation": {"formula": "sum"},
        "display_name": name,
        "event_name": event_name,
        "event_time_window": None,
        "livemode": False,
        "status": "active",
        "status_transitions": {"deactivated_at": None},
        "updated": created,
        "value_settings": {"event_payload_key": "value"},
    }


def _tier(up_to: int | None, unit_amount: int | str | None, flat_amount: int | None) -> Object:
    return {
        "flat_amount": flat_amount,
        "flat_amount_decimal": None if flat_amount is None else str(flat_amount),
        "unit_amount": unit_amount if isinstance(unit_amount, int) else None,
        "unit_amount_decimal": None if unit_amount is None else str(unit_amount),
        "up_to": up_to,
    }
