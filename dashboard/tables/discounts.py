"""Discounts in words: how much, for how long, on what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from dashboard.tables.coupons import amount_off, lasts, off
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
        return amount_off(*row.amount_off)
    return off(row.coupon) if row.coupon else _("its coupon is not stored here")


def on(row: AppliedDiscount, names: Mapping[str, str]) -> str:
    item, subscription = row.discount.subscription_item_id, row.discount.subscription_id
    if item:
        return _("on %(item)s only") % {"item": names.get(item) or _("one item")}
    where = _("on the customer")
    if subscription:
        where = _("on %(subscription)s") % {"subscription": names.get(subscription) or _("one subscription")}
    if not row.products:
        return where
    known = [names[each] for each in row.products if each in names]
    if not known:
        return _("%(where)s, for other products only") % {"where": where}
    return _("%(where)s, for %(products)s only") % {"where": where, "products": _(" and ").join(known)}
