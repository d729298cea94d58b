from collections.abc import Iterator, Sequence
from datetime import datetime

from dashboard.exports.sheet import Sheet
from finances.models import PromotionCode

HEADS = (
    *("id", "code", "coupon_id", "customer_id", "active", "times_redeemed", "max_redemptions", "expires_at"),
    "created_at",
)


def lines(rows: Sequence[PromotionCode], now: datetime) -> Iterator[Sequence[object]]:
    for it in rows:
        yield tuple(getattr(it, name) for name in HEADS)


SHEET = Sheet(HEADS, lines)
