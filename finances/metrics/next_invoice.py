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

from finances.metrics.item_price import NotComputable, gross, number, quantity_of
from finances.metrics.lasting_discounts import coupon_of, take_off

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
    if any(_metered(item) for item in due_then):
        unknown.insert(0, "metered")
    if (subscription.get("automatic_tax") or {}).get("enabled"):
        unknown.append("tax")
    changed = False
    if phase := _phase_at(seconds, coming):
        planned = _planned_items(phase, subscription, due_then, prices, seconds)
        changed = planned is not None
        if planned is None:
            unknown.append("planned_change")
        else:
            # Use of this period is billed with it, whatever the next one is made of.
            due_then = [*planned, *(item for item in due_then if _metered(item))]
    paused = (subscription.get("pause_collection") or {}).get("behavior") or ""
    known = NextInvoice(at=at, currency=currency, unknown=tuple(unknown), changed=changed, collected=paused)
    try:
        before = {item["id"]: _gross(item, prices, currency) for item in due_then if not _metered(item)}
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
            if _metered(item)
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


def _phase_at(seconds: int | None, coming: Iterable[Json]) -> Json | None:
    """The last that has begun by then."""
    begun = [phase for phase in coming if seconds and phase.get("start_date") and phase["start_date"] <= seconds]
    return max(begun, key=lambda phase: phase["start_date"], default=None)


def _planned_items(
    phase: Json, subscription: Json, due_then: list[Json], prices: Mapping[str, Json], seconds: int | None
) -> list[Json] | None:
    """The licensed items of a phase as those of a subscription; None where its invoice takes more than is here: another
    rhythm, a trial, something sold once, discounts or tax other than today's.
    """
    items = (subscription.get("items") or {}).get("data") or []
    wanted = [each for each in phase.get("items") or [] if isinstance(each, dict)]
    ends, trial_end = phase.get("end_date"), phase.get("trial_end")
    if (
        not wanted
        or not items
        or len(due_then) < len(items)
        or (ends and seconds and ends <= seconds)
        or (trial_end and seconds and trial_end > seconds)
        or phase.get("add_invoice_items")
        or not _same_discounts(phase, subscription, [*items, *wanted])
        or not _same_tax(phase, subscription, [*items, *wanted])
    ):
        return None
    planned = []
    for each in wanted:
        price = prices.get(_id_of(each.get("price")))
        if not price or not price.get("id") or not price.get("recurring"):
            return None
        planned.append(each | {"id": price["id"], "price": price, "tax_rates": items[0].get("tax_rates")})
    if phase["start_date"] != seconds:
        # With another interval, or a new anchor, the invoice would come at once and not at the period's end.
        rhythms = {_rhythm(item) for item in [*items, *planned]}
        if len(rhythms) > 1 or phase.get("billing_cycle_anchor") == "phase_start":
            return None
    licensed = [item for item in planned if not _metered(item)]
    return licensed if all(item.get("quantity") is not None for item in licensed) else None


def _rhythm(item: Json) -> tuple[Any, Any]:
    recurring = (item.get("price") or {}).get("recurring") or {}
    return recurring.get("interval"), recurring.get("interval_count") or 1


def _same_discounts(phase: Json, subscription: Json, items: Iterable[Json]) -> bool:
    """Whether the phase goes on with the subscription's. A coupon that has an end may begin anew with the phase."""
    if any(item.get("discounts") for item in items):
        return False
    old_shape = [{"coupon": phase["coupon"]}] if phase.get("coupon") else []
    planned, held = phase.get("discounts") or old_shape, _held(subscription)
    return len(planned) == len(held) and all(
        isinstance(then, dict) and isinstance(now, dict) and _goes_on(then, now)
        for then, now in zip(planned, held, strict=True)
    )


def _goes_on(planned: Json, held: Json) -> bool:
    if discount_id := _id_of(planned.get("discount")):
        return discount_id == held.get("id")
    coupon = (held.get("source") or {}).get("coupon") or held.get("coupon")
    return held.get("end") is None and bool(_id_of(coupon)) and _id_of(planned.get("coupon")) == _id_of(coupon)


def _same_tax(phase: Json, subscription: Json, items: Iterable[Json]) -> bool:
    """One set of rates for every item, today's and planned ones, and the same defaults."""
    automatic = [bool((each.get("automatic_tax") or {}).get("enabled")) for each in (phase, subscription)]
    defaults = [_ids_of(each.get("default_tax_rates")) for each in (phase, subscription)]
    own = {_ids_of(item.get("tax_rates")) for item in items}
    return automatic[0] == automatic[1] and defaults[0] == defaults[1] and len(own) == 1


def _ids_of(values: Iterable[Any] | None) -> frozenset[str]:
    return frozenset(map(_id_of, values or ()))


def _id_of(value: Any) -> str:
    """Of an id, or of the object itself where Stripe was asked for it."""
    return (value.get("id") if isinstance(value, dict) else value) or ""


def _held(subscription: Json) -> list[Any]:
    """Its own discounts; before 2025 there was one."""
    single = subscription.get("discount")
    return subscription.get("discounts") or ([single] if single else [])


def _ends(subscription: Json, items: Iterable[Json]) -> int | None:
    """The end of the trial, or the earliest end of a period; Stripe's seconds."""
    if subscription.get("status") == "trialing" and subscription.get("trial_end"):
        return subscription["trial_end"]
    ends = [each for item in items if (each := _own_end(item, subscription))]
    return min(ends, default=subscription.get("current_period_end"))


def _own_end(item: Json, subscription: Json) -> int | None:
    """Since 2025-03-31 each item has its period; before, the subscription had one."""
    return item.get("current_period_end") or subscription.get("current_period_end")


def _metered(item: Json) -> bool:
    return ((item.get("price") or {}).get("recurring") or {}).get("usage_type") == "metered"


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
    products = {item["id"]: _product(item) for item in items}
    for item in items:
        if item["id"] in left:
            own = {item["id"]: left[item["id"]]}
            for coupon in _in_force(item.get("discounts") or [], coupons, at):
                take_off(coupon, own, products, currency)
            left |= own
    held = _held(subscription)
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


def _product(item: Json) -> str:
    product = (item.get("price") or {}).get("product") or ""
    return product.get("id") or "" if isinstance(product, dict) else product
