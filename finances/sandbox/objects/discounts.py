"""Coupons, promotion codes and the discounts that come of them."""

from __future__ import annotations

from finances.sandbox.engine.store import Object


def coupon(
    coupon_id: str,
    created: int,
    name: str,
    duration: str,
    *,
    percent_off: float | None = None,
    amounts_off: dict[str, int] | None = None,
    months: int | None = None,
    products: list[str] | None = None,
    max_redemptions: int | None = None,
    redeem_by: int | None = None,
) -> Object:
    """`duration` once, repeating (for `months`) or forever; a percentage, or amounts in minor units by currency.

    `applies_to` and `currency_options` are kept with it and shown only where they are asked for.
    """
    currency = next(iter(amounts_off)) if amounts_off else None
    made: Object = {
        "id": coupon_id,
        "object": "coupon",
        "amount_off": amounts_off[currency] if amounts_off and currency else None,
        "created": created,
        "currency": currency,
        "duration": duration,
        "duration_in_months": months,
        "livemode": False,
        "max_redemptions": max_redemptions,
        "metadata": {},
        "name": name,
        "percent_off": percent_off,
        "redeem_by": redeem_by,
        "times_redeemed": 0,
        "valid": redeem_by is None or redeem_by > created,
    }
    if products:
        made["applies_to"] = {"products": products}
    if amounts_off:
        made["currency_options"] = {code: {"amount_off": amount} for code, amount in amounts_off.items()}
    return made


def promotion_code(
    promotion_code_id: str,
    created: int,
    code: str,
    coupon_id: str,
    *,
    first_time: bool = False,
    minimum: tuple[int, str] | None = None,
    max_redemptions: int | None = None,
    expires_at: int | None = None,
) -> Object:
    """What customers type in. `minimum` is (amount in minor units, currency)."""
    return {
        "id": promotion_code_id,
        "object": "promotion_code",
        "active": True,
        "code": code,
        "created": created,
        "customer": None,
        "customer_account": None,
        "expires_at": expires_at,
        "livemode": False,
        "max_redemptions": max_redemptions,
        "metadata": {},
        "promotion": {"coupon": coupon_id, "type": "coupon"},
        "restrictions": {
            "first_time_transaction": first_time,
            "minimum_amount": minimum[0] if minimum else None,
            "minimum_amount_currency": minimum[1] if minimum else None,
        },
        "times_redeemed": 0,
    }


def discount(
    discount_id: str,
    start: int,
    end: int | None,
    coupon_id: str,
    customer_id: str,
    *,
    subscription_id: str | None = None,
    item_id: str | None = None,
    promotion_code_id: str | None = None,
) -> Object:
    """A coupon at work, for a customer, a subscription or an item of one. `end` None: until it is used, or for ever."""
    return {
        "id": discount_id,
        "object": "discount",
        "checkout_session": None,
        "customer": customer_id,
        "customer_account": None,
        "end": end,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": promotion_code_id,
        "source": {"coupon": coupon_id, "type": "coupon"},
        "start": start,
        "subscription": subscription_id,
        "subscription_item": item_id,
    }
