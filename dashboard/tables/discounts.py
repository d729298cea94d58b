"""Discounts in words: how much, for how long, on what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dashboard.formatting import digits
from dashboard.tables.coupons import lasts, off
from finances.reads.discounts import AppliedDiscount


@dataclass(frozen=True)
class ShownDiscount:
    """`name`: the coupon's, or its id. `how_much`: `20 % off`. `how_long`: `for ever`. `until`: its end, if set.

    `on`: whose it is, in words. `lasting`: whether it lowers the monthly value.
    """

    applied: AppliedDiscount
    name: str
    how_much: str
    how_long: str
    until: datetime | None
    on: str
    over: bool
    lasting: bool


def shown_discounts(rows: Iterable[AppliedDiscount], names: Mapping[str, str], now: datetime) -> list[ShownDiscount]:
    """`names`: what people call subscriptions, their items and products, by id."""
    return [
        ShownDiscount(
            applied=row,
            name=(row.coupon.name if row.coupon else "") or row.discount.coupon_id or row.discount.id,
            how_much=how_much(row),
            how_long=lasts(row.coupon) if row.coupon else "",
            until=row.discount.ends_at,
            on=on(row, names),
            over=row.is_over(now),
            lasting=row.coupon is not None and row.coupon.duration == "forever" and row.discount.ends_at is None,
        )
        for row in rows
    ]


def how_much(row: AppliedDiscount) -> str:
    """In the currency in which it is charged, which need not be the coupon's own."""
    if row.amount_off:
        amount, currency = row.amount_off
        return f"{digits(amount, currency)} {currency.upper()} off"
    return off(row.coupon) if row.coupon else "its coupon is not stored here"


def on(row: AppliedDiscount, names: Mapping[str, str]) -> str:
    item, subscription = row.discount.subscription_item_id, row.discount.subscription_id
    if item:
        return f"on {names.get(item, 'one item')} only"
    where = f"on {names.get(subscription, 'one subscription')}" if subscription else "on the customer"
    if not row.products:
        return where
    known = [names[each] for each in row.products if each in names]
    return f"{where}, for {' and '.join(known)} only" if known else f"{where}, for other products only"
