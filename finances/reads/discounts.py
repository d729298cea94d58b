"""Discounts at work, with their coupons and the words that customers typed to get them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Coalesce
from djstripe import models as djstripe

from finances.models import Coupon, Customer, Discount, PromotionCode, Subscription
from finances.reads.stored import amount_at, texts_at


@dataclass(frozen=True)
class AppliedDiscount:
    """`coupon`: None where it was never read. `code`: the promotion code, may be empty.

    `products`: ids of the only products that it is taken off, empty for all.
    `amount_off`: minor units and their currency, that of the subscription or customer where the coupon has an amount
    in it; None for a coupon by percent.
    """

    discount: Discount
    coupon: Coupon | None
    code: str
    products: tuple[str, ...] = ()
    amount_off: tuple[int, str] | None = None

    def is_over(self, now: datetime) -> bool:
        return self.discount.ends_at is not None and self.discount.ends_at <= now


def discounts_of_customer(customer_id: str) -> list[AppliedDiscount]:
    """The customer's own first, then their subscriptions' and items' in the order in which they are taken off.

    Ended ones are among them where Stripe still names them. Two queries.
    """
    return _applied(Q(customer_id=customer_id))


def discounts_of_subscription(subscription_id: str, customer_id: str) -> list[AppliedDiscount]:
    """Items' own, then the subscription's, then the customer's, in the order in which they are taken off.

    Stripe takes the customer's only where the subscription has none. Two queries.
    """
    customers = Q(customer_id=customer_id, subscription_id="") & ~Q(customer_id="")
    rows = _applied(Q(subscription_id=subscription_id) | customers)
    return sorted(rows, key=lambda row: (not row.discount.subscription_item_id, not row.discount.subscription_id))


def coupons_of_discounts(discount_ids: Iterable[str]) -> dict[str, AppliedDiscount]:
    """By the discount's id, for what an invoice names; ids of discounts that are gone are left out. Two queries."""
    return {row.discount.id: row for row in _applied(Q(id__in=set(discount_ids)))}


@cache  # to put it together takes Django longer than to write the query
def _with_what_they_take_off() -> QuerySet[Discount]:
    code = Subquery(PromotionCode.objects.filter(id=OuterRef("promotion_code_id")).values("code")[:1])
    coupon = djstripe.Coupon.objects.filter(id=OuterRef("coupon_id")).order_by()
    applies_to = Subquery(coupon.values(only=KeyTransform("applies_to", "stripe_data"))[:1])
    options = Subquery(coupon.values(only=KeyTransform("currency_options", "stripe_data"))[:1])
    of_subscription = Subscription.objects.filter(id=OuterRef("subscription_id")).values("currency")[:1]
    of_customer = Customer.objects.filter(id=OuterRef("customer_id")).values("currency")[:1]
    return (
        Discount.objects.filter(deleted_at=None)
        .annotate(code=code, applies_to=applies_to, options=options)
        .annotate(charged_in=Coalesce(Subquery(of_subscription), Subquery(of_customer), Value("")))
        .order_by("subscription_id", "subscription_item_id", "position", "id")
    )


def _applied(which: Q) -> list[AppliedDiscount]:
    rows: Sequence[Discount] = list(_with_what_they_take_off().filter(which))
    coupons = Coupon.objects.in_bulk({row.coupon_id for row in rows})
    # `code` and `applies_to` are annotated, so they are no columns of the model.
    return [
        AppliedDiscount(
            discount=row,
            coupon=coupons.get(row.coupon_id),
            code=getattr(row, "code", None) or "",
            products=tuple(texts_at(getattr(row, "applies_to", None), "products")),
            amount_off=_amount_off(
                coupons.get(row.coupon_id), getattr(row, "options", None), getattr(row, "charged_in", "")
            ),
        )
        for row in rows
    ]


def _amount_off(coupon: Coupon | None, options: Any, currency: str) -> tuple[int, str] | None:
    """In the currency that is charged where the coupon has an amount in it, else in the coupon's own."""
    if coupon is None or coupon.amount_off is None:
        return None
    other = amount_at(options, currency, "amount_off") if currency and currency != coupon.currency else None
    return (coupon.amount_off, coupon.currency) if other is None else (other, currency)
