"""The list of coupons: what is taken off, how far each is used up, and how many have it now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from finances.models import Coupon, Customer, Discount, PromotionCode, Subscription
from finances.reads.search import search_words
from finances.reads.subscriptions import ENDED


@dataclass(frozen=True)
class InUse:
    """How many have the coupon now, as far as Stripe's customers and subscriptions name it.

    `customers`: who have it themselves or on a subscription, each once. `subscriptions`: with a discount of their own.
    """

    customers: int = 0
    subscriptions: int = 0


@dataclass(frozen=True)
class CouponRow:
    coupon: Coupon
    valid: bool
    in_use: InUse
    codes: int


def newest_coupons() -> QuerySet[Coupon]:
    return Coupon.objects.order_by("-created_at", "-id")


def redeemable(now: datetime) -> Q:
    """Can still be given to somebody. Stripe sends nothing when a coupon's time runs out, so its word is not enough."""
    in_time = Q(redeem_by=None) | Q(redeem_by__gt=now)
    left = Q(max_redemptions=None) | Q(times_redeemed__lt=F("max_redemptions"))
    return Q(valid=True, deleted_at=None) & in_time & left


def is_redeemable(coupon: Coupon, now: datetime) -> bool:
    """The same of a row at hand."""
    in_time = coupon.redeem_by is None or coupon.redeem_by > now
    left = coupon.max_redemptions is None or coupon.times_redeemed < coupon.max_redemptions
    return coupon.valid and coupon.deleted_at is None and in_time and left


def matching_coupons(text: str) -> Q:
    """Each word stands in the coupon's name or id, or in one of its promotion codes."""
    condition = Q()
    for word in search_words(text):
        codes = PromotionCode.objects.filter(code__icontains=word).values("coupon_id")
        condition &= Q(search_text__contains=word) | Q(id__in=codes)
    return condition


def coupon_rows(coupons: Sequence[Coupon], now: datetime) -> list[CouponRow]:
    """The page's rows with how many have them and their promotion codes: two queries, however many rows."""
    ids = {each.id for each in coupons}
    used = in_use(ids, now)
    counted = PromotionCode.objects.filter(coupon_id__in=ids, deleted_at=None).order_by().values("coupon_id")
    codes = {row["coupon_id"]: row["them"] for row in counted.annotate(them=Count("pk"))}
    return [
        CouponRow(each, is_redeemable(each, now), used.get(each.id, InUse()), codes.get(each.id, 0)) for each in coupons
    ]


def at_work(now: datetime) -> QuerySet[Discount]:
    """Discounts that have not ended, on what has not ended either: Stripe leaves them on a canceled subscription."""
    over = Subscription.objects.filter(id=OuterRef("subscription_id")).filter(
        Q(status__in=ENDED) | Q(deleted_at__isnull=False)
    )
    gone = Customer.objects.filter(id=OuterRef("customer_id"), deleted_at__isnull=False)
    open_end = Q(ends_at=None) | Q(ends_at__gt=now)
    return Discount.objects.filter(open_end, ~Exists(over), ~Exists(gone), deleted_at=None)


def in_use(coupon_ids: Iterable[str], now: datetime) -> dict[str, InUse]:
    """By coupon; those that nobody has are left out. One query."""
    rows = at_work(now).filter(coupon_id__in=set(coupon_ids)).order_by().values("coupon_id")
    counted = rows.annotate(
        customers=Count("customer_id", distinct=True, filter=~Q(customer_id="")),
        subscriptions=Count("subscription_id", distinct=True, filter=~Q(subscription_id="")),
    )
    return {row["coupon_id"]: InUse(row["customers"], row["subscriptions"]) for row in counted}
