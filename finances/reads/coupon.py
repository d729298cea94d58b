"""One coupon's page: its promotion codes, what it applies to, and who has it now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from djstripe import models as djstripe

from finances.models import Coupon, Customer, Delivery, Discount, Product, PromotionCode, Subscription
from finances.reads.coupons import InUse, at_work, in_use
from finances.reads.stored import amount_at, at, pairs_at, stored, text_at
from finances.reads.subscriptions import customers_named
from finances.reads.timeline import object_timeline

NEWEST_CODES = 50


@dataclass(frozen=True)
class CodeRow:
    """`first_time`: only for customers who never paid. `minimum`: (minor units, currency) of the order, or None."""

    code: PromotionCode
    customer: Customer | None
    first_time: bool
    minimum: tuple[int, str] | None


@dataclass(frozen=True)
class Holder:
    """A discount at work. `subscription`: None where it is on the customer. `code`: what was typed, may be empty."""

    discount: Discount
    customer: Customer | None
    subscription: Subscription | None
    code: str


@dataclass(frozen=True)
class CouponPage:
    """`codes`: the newest fifty of `code_count`. `products`: (id, name) of what it applies to, none for everything.
    `other_currencies`: (currency, minor units) that are taken off in those."""

    coupon: Coupon
    codes: list[CodeRow]
    code_count: int
    products: list[tuple[str, str]]
    other_currencies: list[tuple[str, int]]
    in_use: InUse
    metadata: list[tuple[str, str]]
    timeline: list[Delivery]


def coupon_page(coupon_id: str, now: datetime) -> CouponPage:
    """Eight queries, whatever it holds. Raises Coupon.DoesNotExist."""
    coupon = Coupon.objects.get(id=coupon_id)
    json = stored(djstripe.Coupon, coupon_id)
    codes = PromotionCode.objects.filter(coupon_id=coupon_id, deleted_at=None)
    return CouponPage(
        coupon=coupon,
        codes=code_rows(codes.order_by("-created_at", "-id")[:NEWEST_CODES]),
        code_count=codes.count(),
        products=named(at(json, "applies_to", "products")),
        other_currencies=other_currencies(json, coupon.currency),
        in_use=in_use([coupon_id], now).get(coupon_id, InUse()),
        metadata=pairs_at(json, "metadata"),
        timeline=list(object_timeline("coupon", coupon_id)),
    )


def code_rows(codes: Iterable[PromotionCode]) -> list[CodeRow]:
    """With whom they are for, and their conditions: two queries beside their own."""
    rows = list(codes)
    customers = customers_named(each.customer_id for each in rows if each.customer_id)
    of_stripe = djstripe.PromotionCode.objects.filter(id__in=[each.id for each in rows])
    json = dict(of_stripe.values_list("id", "stripe_data"))
    return [
        CodeRow(
            each,
            customers.get(each.customer_id),
            first_time=at(json.get(each.id), "restrictions", "first_time_transaction") is True,
            minimum=minimum(json.get(each.id)),
        )
        for each in rows
    ]


def minimum(code: Any) -> tuple[int, str] | None:
    amount = amount_at(code, "restrictions", "minimum_amount")
    return None if amount is None else (amount, text_at(code, "restrictions", "minimum_amount_currency"))


def named(product_ids: Any) -> list[tuple[str, str]]:
    """Ids with the products' names, the id again where none is known. One query, where there is any."""
    ids = [each for each in product_ids if isinstance(each, str)] if isinstance(product_ids, list) else []
    names = dict(Product.objects.filter(id__in=ids).values_list("id", "name")) if ids else {}
    return [(each, names.get(each) or each) for each in ids]


def other_currencies(coupon: dict[str, Any], own: str) -> list[tuple[str, int]]:
    options = at(coupon, "currency_options")
    if not isinstance(options, dict):
        return []
    amounts = [(currency, amount_at(option, "amount_off")) for currency, option in sorted(options.items())]
    return [(currency, amount) for currency, amount in amounts if amount is not None and currency != own]


def newest_holders(coupon_id: str, now: datetime) -> QuerySet[Discount]:
    """The discounts at work. Stripe dates the beginning of each."""
    return at_work(now).filter(coupon_id=coupon_id, started_at__isnull=False).order_by("-started_at", "-id")


def holders(discounts: Sequence[Discount]) -> list[Holder]:
    """With customers, subscriptions and codes: three queries, however many."""
    customers = customers_named(each.customer_id for each in discounts)
    subscriptions = Subscription.objects.in_bulk({each.subscription_id for each in discounts} - {""})
    codes = PromotionCode.objects.in_bulk({each.promotion_code_id for each in discounts} - {""})
    return [
        Holder(
            each,
            customers.get(each.customer_id),
            subscriptions.get(each.subscription_id),
            codes[each.promotion_code_id].code if each.promotion_code_id in codes else "",
        )
        for each in discounts
    ]
