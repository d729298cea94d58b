from collections.abc import Iterator, Sequence
from datetime import datetime

from dashboard.exports.sheet import Sheet
from dashboard.tables.coupons import shown_coupons
from finances.models import Coupon
from finances.money import major
from finances.reads.coupons import coupon_rows

HEADS = (
    *("id", "name", "status", "percent_off", "currency", "amount_off", "duration", "duration_in_months"),
    *("times_redeemed", "max_redemptions", "redeem_by", "customers_now", "subscriptions_now", "codes", "created_at"),
)


def lines(coupons: Sequence[Coupon], now: datetime) -> Iterator[Sequence[object]]:
    for row in shown_coupons(coupon_rows(coupons, now), now):
        it = row.coupon
        yield (
            it.id,
            it.name,
            row.status,
            it.percent_off,
            it.currency.upper(),
            None if it.amount_off is None else major(it.amount_off, it.currency),
            it.duration,
            it.duration_in_months,
            it.times_redeemed,
            it.max_redemptions,
            it.redeem_by,
            row.in_use.customers,
            row.in_use.subscriptions,
            row.codes,
            it.created_at,
        )


SHEET = Sheet(HEADS, lines)
