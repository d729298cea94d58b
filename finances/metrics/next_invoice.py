"""An estimate of a subscription's next invoice, from Stripe's JSON as it is stored: ours, not Stripe's.

Definition: at the end of the trial or of the period that ends first, every licensed item whose period ends then, for
its next period at its price, quantity and tiers of today; less each discount that is still on it then (items' own, then
the subscription's, or the customer's where it has none; Stripe takes a `once` discount off its owner when an invoice
used it, so one that is there is still to come); plus the tax of rates that are added to the price, unless the customer
is exempt; less the customer's credit, or plus their debt. Each line is rounded to whole minor units, half up.

What it cannot know it names (`unknown`) and leaves out: use of metered prices, what is pending (prorations of changes,
items added by hand), tax that Stripe works out itself, and a planned change that comes first and needs more than is
here. Where all of it is here, the items and prices of the phase that runs then stand in the place of today's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from finances.expandable import id_of
from finances.metrics.item_price import NotComputable, gross, is_metered, number, quantity_of
from finances.metrics.lasting_discounts import coupon_of, held_discounts, take_off
from finances.metrics.planned_change import phase_at, planned_items

Json = dict[str, Any]
ZERO = Decimal(0)
NO_INVOICE = {"canceled": "ended", "incomplete_expired": "ended", "incomplete": "incomplete", "paused": "paused"}
EXEMPT = ("exempt", "reverse")


@dataclass(frozen=True)
class EstimatedLine:
    """`item_id`: of a planned item its price's. `amount`: minor units for the next period, before discounts; None where
    it is by use.
    """

    item_id: str
    quantity: Decimal | None
    amount: int | None


@dataclass(frozen=True)
class NextInvoice:
    """`no_invoice`: ended, incomplete, paused, cancels; then there is none and nothing else is set. `gap`: a rule of
    the price or of a discount that lacks what it needs, as `MonthlyValue.gap`; then there are no amounts.

    Amounts in minor units of `currency`. `total` = `subtotal` - `discount` + `tax`; `due` = `total` less the credit
    that is used (`balance` < 0) or with the debt that is added, never below nothing. `unknown`: metered, pending, tax,
    planned_change, in the order in which one would ask. `changed`: a planned change is in it. `collected`: how a pause
    of collection treats it, empty for none.
    """

    at: datetime | None = None
    currency: str = ""
    lines: tuple[EstimatedLine, ...] = ()
    subtotal: int = 0
    discount: int = 0
    tax: int = 0
    total: int = 0
    balance: int = 0
    due: int = 0
    unknown: tuple[str, ...] = ()
    no_invoice: str = ""
    gap: str = ""
    changed: bool = False
    collected: str = ""


def next_invoice(
    subscription: Json,
    prices: Mapping[str, Json],
    coupons: Mapping[str, Json],
    customer: Json,
    *,
    coming: Iterable[Json] = (),
) -> NextInvoice:
    """`prices` and `coupons`: as they are stored, by id. `customer`: Stripe's, for its discount, balance and exemption.

    `coming`: the phases of its schedule that have not begun, Stripe's.
    """
    status = subscription.get("status") or ""
    items = (subscription.get("items") or {}).get("data") or []
    seconds = _ends(subscription, items)
    if status in NO_INVOICE:
        return NextInvoice(no_invoice=NO_INVOICE[status])
    at = datetime.fromtimestamp(seconds, UTC) if seconds else None
    cancel_at = subscription.get("cancel_at")
    if subscription.get("cancel_at_period_end") or (cancel_at and seconds and cancel_at <= seconds):
        return NextInvoice(at=at, no_invoice="cancels")
    currency = subscription.get("currency") or ""
    due_then = [item for item in items if status == "trialing" or _own_end(item, subscription) in (None, seconds)]
    unknown = ["pending"]
    if any(is_metered(item) for item in due_then):
        unknown.insert(0, "metered")
    if (subscription.get("automatic_tax") or {}).get("enabled"):
        unknown.append("tax")
    changed = False
    if phase := phase_at(seconds, coming):
        planned = planned_items(phase, subscription, due_then, prices, seconds)
        changed = planned is not None
        if planned is None:
            unknown.append("planned_change")
        else:
            # Use of this period is billed with it, whatever the next one is made of.
            due_then = [*planned, *(item for item in due_then if is_metered(item))]
    paused = (subscription.get("pause_collection") or {}).get("behavior") or ""
    known = NextInvoice(at=at, currency=currency, unknown=tuple(unknown), changed=changed, collected=paused)
    try:
        before = {item["id"]: _gross(item, prices, currency) for item in due_then if not is_metered(item)}
        left = _after_discounts(subscription, due_then, before, coupons, customer, seconds)
    except NotComputable as missing:
        return replace(known, gap=missing.gap)
    tax = sum(
        (_added_tax(item, left[item["id"]], subscription, customer) for item in due_then if item["id"] in left), 0
    )
    subtotal, net = sum(map(_whole, before.values())), sum(map(_whole, left.values()))
    total, balance = net + tax, customer.get("balance") or 0
    return replace(
        known,
        lines=tuple(
            EstimatedLine(item["id"], None, None)
            if is_metered(item)
            else EstimatedLine(item["id"], quantity_of(item), _whole(before[item["id"]]))
            for item in due_then
        ),
        subtotal=subtotal,
        discount=subtotal - net,
        tax=tax,
        total=total,
        balance=balance,
        due=max(0, total + balance),
    )


def _ends(subscription: Json, items: Iterable[Json]) -> int | None:
    """The end of the trial, or the earliest end of a period; Stripe's seconds."""
    if subscription.get("status") == "trialing" and subscription.get("trial_end"):
        return subscription["trial_end"]
    ends = [each for item in items if (each := _own_end(item, subscription))]
    return min(ends, default=subscription.get("current_period_end"))


def _own_end(item: Json, subscription: Json) -> int | None:
    """Since 2025-03-31 each item has its period; before, the subscription had one."""
    return item.get("current_period_end") or subscription.get("current_period_end")


def _gross(item: Json, prices: Mapping[str, Json], currency: str) -> Decimal:
    price = item.get("price") or {}
    if not price.get("id"):
        raise NotComputable("no_price")
    return gross(price, quantity_of(item), prices.get(price["id"]), currency)


def _after_discounts(
    subscription: Json,
    items: list[Json],
    before: Mapping[str, Decimal],
    coupons: Mapping[str, Json],
    customer: Json,
    at: int | None,
) -> dict[str, Decimal]:
    """What is left of each licensed item. Raises NotComputable."""
    left = dict(before)
    currency = subscription.get("currency") or ""
    products = {item["id"]: id_of((item.get("price") or {}).get("product")) for item in items}
    for item in items:
        if item["id"] in left:
            own = {item["id"]: left[item["id"]]}
            for coupon in _in_force(item.get("discounts") or [], coupons, at):
                take_off(coupon, own, products, currency)
            left |= own
    held = held_discounts(subscription)
    if not held and customer.get("discount"):
        held = [customer["discount"]]
    for coupon in _in_force(held, coupons, at):
        take_off(coupon, left, products, currency)
    return left


def _in_force(discounts: Iterable[Any], coupons: Mapping[str, Json], at: int | None) -> list[Json]:
    """The coupons of those that have not ended by then. Raises NotComputable for a discount that is only an id."""
    found = []
    for discount in discounts:
        if not isinstance(discount, dict):
            raise NotComputable("coupon_unknown")
        end = discount.get("end")
        if end is None or at is None or end > at:
            found.append(coupon_of(discount, coupons))
    return found


def _added_tax(item: Json, amount: Decimal, subscription: Json, customer: Json) -> int:
    """Of the rates that are added to the price; nothing where Stripe works tax out itself."""
    if customer.get("tax_exempt") in EXEMPT or (subscription.get("automatic_tax") or {}).get("enabled"):
        return 0
    rates = item.get("tax_rates") or subscription.get("default_tax_rates") or []
    added = (rate for rate in rates if isinstance(rate, dict) and not rate.get("inclusive"))
    return sum(_whole(amount * (number(rate.get("percentage")) or ZERO) / 100) for rate in added)


def _whole(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_HALF_UP))
