"""Coupons in words: how much is taken off, for how long, how far it is used up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.formatting import amount
from dashboard.tables.remark import Remark
from finances.models import Coupon, PromotionCode
from finances.reads.coupons import CouponRow, InUse, is_redeemable


@dataclass(frozen=True)
class ShownCoupon:
    """`status`: valid, deleted, used_up, expired or not_valid. `redeemed`: `37 of 100`."""

    coupon: Coupon
    title: str
    off: str
    lasts: str
    status: str
    redeemed: str
    until: Remark | None
    in_use: InUse
    codes: int


def shown_coupons(rows: Sequence[CouponRow], now: datetime) -> list[ShownCoupon]:
    return [shown_coupon(row.coupon, row.in_use, row.codes, now) for row in rows]


def shown_coupon(coupon: Coupon, in_use: InUse, codes: int, now: datetime) -> ShownCoupon:
    return ShownCoupon(
        coupon=coupon,
        title=coupon.name or coupon.id,
        off=off(coupon),
        lasts=lasts(coupon),
        status=status(coupon, now),
        redeemed=redeemed(coupon.times_redeemed, coupon.max_redemptions),
        until=until(coupon.redeem_by, now),
        in_use=in_use,
        codes=codes,
    )


def off(coupon: Coupon) -> str:
    """`20 % off`, `10.00 EUR off`."""
    if coupon.percent_off is not None:
        return _("%(number)s %% off") % {"number": plain(coupon.percent_off)}
    if coupon.amount_off is not None:
        return amount_off(coupon.amount_off, coupon.currency)
    return _("nothing off")


def amount_off(minor: int, currency: str) -> str:
    return _("%(amount)s off") % {"amount": amount(minor, currency)}


def plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def lasts(coupon: Coupon) -> str:
    match coupon.duration:
        case "once":
            return _("on one invoice")
        case "forever":
            return _("for ever")
        case "repeating" if months := coupon.duration_in_months:
            return ngettext("for %(months)s month", "for %(months)s months", months) % {"months": months}
    return coupon.duration


def status(coupon: Coupon, now: datetime) -> str:
    if coupon.deleted_at:
        return "deleted"
    if is_redeemable(coupon, now):
        return "valid"
    if coupon.max_redemptions is not None and coupon.times_redeemed >= coupon.max_redemptions:
        return "used_up"
    return "expired" if coupon.redeem_by and coupon.redeem_by <= now else "not_valid"


TONES = {"valid": "positive"}


def redeemed(times: int, most: int | None) -> str:
    if most is None:
        return f"{times:,}"
    return _("%(times)s of %(most)s") % {"times": f"{times:,}", "most": f"{most:,}"}


def until(moment: datetime | None, now: datetime) -> Remark | None:
    if moment is None:
        return None
    return Remark(_("until") if moment > now else _("ended"), moment)


def code_status(code: PromotionCode, now: datetime) -> str:
    """active, used_up, expired or inactive."""
    if code.max_redemptions is not None and code.times_redeemed >= code.max_redemptions:
        return "used_up"
    if code.expires_at and code.expires_at <= now:
        return "expired"
    return "active" if code.active else "inactive"
