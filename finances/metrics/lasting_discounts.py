"""What is taken off a subscription for as long as it runs: `forever` coupons, in Stripe's order.

A coupon that is taken off once or for some months lowers an invoice, not what the subscription is worth. Several stack:
an item's own first, then the subscription's, each on what the ones before have left; a customer's counts where
the subscription has none of its own.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from finances.expandable import id_of
from finances.metrics.item_price import NotComputable, number

Json = dict[str, Any]


def held_discounts(owner: Json) -> list[Any]:
    """A subscription's own, or a customer's, whole or as ids; before 2025 there was one."""
    single = owner.get("discount")
    return owner.get("discounts") or ([single] if single else [])


def coupon_of(discount: Json, coupons: Mapping[str, Json]) -> Json:
    """The whole coupon of a discount. Since 2025-09 it is named in `source`; before, at the discount's top.

    What is stored stands before what came along: `applies_to` comes only where it was asked for.
    Raises NotComputable for one that is not known.
    """
    named = (discount.get("source") or {}).get("coupon") or discount.get("coupon")
    coupon = coupons.get(id_of(named)) or (named if isinstance(named, dict) else None)
    if not coupon or not coupon.get("duration"):
        raise NotComputable("coupon_unknown")
    if (coupon.get("created") or 0) > (discount.get("start") or coupon.get("created") or 0):
        # Deleted and made anew under the same id: the discount keeps the old one's terms, which are gone.
        raise NotComputable("coupon_unknown")
    return coupon


def lasting(discounts: Iterable[Any], coupons: Mapping[str, Json]) -> list[Json]:
    """The coupons among `discounts` that are taken off for ever. Raises NotComputable for a discount that is an id."""
    found = []
    for discount in discounts:
        if not isinstance(discount, dict):
            raise NotComputable("coupon_unknown")
        coupon = coupon_of(discount, coupons)
        if coupon["duration"] == "forever" and discount.get("end") is None:
            found.append(coupon)
    return found


def take_off(coupon: Json, amounts: dict[str, Decimal], products: Mapping[str, str], currency: str) -> None:
    """Lower `amounts` (minor units by item) in place by one coupon. `products`: the product of each item.

    An amount is taken off once an invoice, shared by the items that it applies to in proportion to what they cost.
    """
    only = (coupon.get("applies_to") or {}).get("products")
    items = [item for item in amounts if not only or products[item] in only]
    if (percent := number(coupon.get("percent_off"))) is not None:
        for item in items:
            amounts[item] *= 1 - percent / 100
        return
    whole = sum((amounts[item] for item in items), Decimal(0))
    if whole <= 0:
        return
    off = min(_amount_off(coupon, currency), whole)
    for item in items:
        amounts[item] -= off * amounts[item] / whole


def _amount_off(coupon: Json, currency: str) -> Decimal:
    own = number(coupon.get("amount_off")) if coupon.get("currency") == currency else None
    other = number(((coupon.get("currency_options") or {}).get(currency) or {}).get("amount_off"))
    amount = other if own is None else own
    if amount is None:
        raise NotComputable("coupon_currency")
    return amount
