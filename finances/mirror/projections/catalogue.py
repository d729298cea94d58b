from finances.expandable import id_of
from finances.mirror.projections.values import Json, created, decimal, moment, search_text
from finances.models import Coupon, Price, Product, PromotionCode, TaxRate


def product(it: Json) -> Product:
    return Product(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        name=it.get("name") or "",
        active=bool(it.get("active", True)),
        created_at=created(it),
        search_text=search_text(it.get("name")),
    )


def price(it: Json) -> Price:
    recurring = it.get("recurring") or {}
    amount = it.get("unit_amount_decimal")
    return Price(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        product_id=id_of(it.get("product")),
        nickname=it.get("nickname") or "",
        lookup_key=it.get("lookup_key") or "",
        active=bool(it.get("active", True)),
        currency=it.get("currency") or "",
        unit_amount=decimal(it.get("unit_amount") if amount is None else amount),
        tiers_mode=it.get("tiers_mode") or "",
        interval=recurring.get("interval") or "",
        interval_count=recurring.get("interval_count") or 1,
        usage_type=recurring.get("usage_type") or "",
        divide_by=(it.get("transform_quantity") or {}).get("divide_by"),
        tax_behavior=it.get("tax_behavior") or "",
        created_at=created(it),
        search_text=search_text(it.get("nickname"), it.get("lookup_key")),
    )


def coupon(it: Json) -> Coupon:
    return Coupon(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        name=it.get("name") or "",
        percent_off=decimal(it.get("percent_off")),
        amount_off=it.get("amount_off"),
        currency=it.get("currency") or "",
        duration=it.get("duration") or "",
        duration_in_months=it.get("duration_in_months"),
        max_redemptions=it.get("max_redemptions"),
        times_redeemed=it.get("times_redeemed") or 0,
        redeem_by=moment(it.get("redeem_by")),
        valid=bool(it.get("valid", not it.get("deleted"))),
        created_at=created(it),
        search_text=search_text(it.get("name"), it["id"]),
    )


def promotion_code(it: Json) -> PromotionCode:
    """Since 2025-09-30 the coupon is named under `promotion`; before, at the top."""
    return PromotionCode(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        code=it.get("code") or "",
        coupon_id=id_of((it.get("promotion") or {}).get("coupon")) or id_of(it.get("coupon")),
        customer_id=id_of(it.get("customer")),
        active=bool(it.get("active", True)),
        max_redemptions=it.get("max_redemptions"),
        times_redeemed=it.get("times_redeemed") or 0,
        expires_at=moment(it.get("expires_at")),
        created_at=created(it),
    )


def tax_rate(it: Json) -> TaxRate:
    return TaxRate(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        display_name=it.get("display_name") or "",
        percentage=decimal(it.get("percentage")),
        inclusive=bool(it.get("inclusive")),
        active=bool(it.get("active", True)),
        country=(it.get("country") or "")[:2],
        jurisdiction=it.get("jurisdiction") or "",
        created_at=created(it),
    )
