"""What changed on a subscription from one state that we saw to the next, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from dashboard import formatting
from dashboard.prices import plain_number, priced, unit_price_of
from finances.reads.history import Change, History
from finances.reads.stored import amount_at, at, decimal_at, id_at, list_at, text_at, time_at

Json = dict[str, Any]
SAID = ("status", "items", "quantity", "plan", "discounts", "discount", "cancel_at_period_end", "cancel_at")
SAID_TOO = (
    "canceled_at",
    "ended_at",
    "pause_collection",
    "default_payment_method",
    "default_source",
    "cancellation_details",
)
"""Fields that a sentence covers, or whose change only repeats one of them."""


@dataclass(frozen=True)
class ShownChange:
    """`words`: one sentence a fact. `fields`: names of Stripe's fields that changed without a word for it."""

    seen_at: datetime
    words: list[str]
    fields: list[str]


def shown_history(history: History, products: Mapping[str, str]) -> list[ShownChange]:
    """Newest first. `products`: names by id."""
    return [shown_change(each, products) for each in history.changes]


def shown_change(change: Change, products: Mapping[str, str]) -> ShownChange:
    before, after = change.before, change.after
    words = [
        *status(before, after),
        *items(before, after, products),
        *discounts(before, after),
        *ending(before, after),
        *pause(before, after),
        *method(before, after),
    ]
    changed = (str(each["field"]) for each in change.differences)
    tops = dict.fromkeys(field.partition(".")[0].partition("[")[0] for field in changed)
    return ShownChange(change.seen_at, words, [name for name in tops if name not in SAID and name not in SAID_TOO])


def status(before: Json, after: Json) -> Iterable[str]:
    old, new = text_at(before, "status"), text_at(after, "status")
    if old != new:
        yield _("Status: %(before)s → %(after)s.") % {
            "before": formatting.word(old) or _("none"),
            "after": formatting.word(new) or _("none"),
        }


def items(before: Json, after: Json, products: Mapping[str, str]) -> Iterable[str]:
    old = {text_at(each, "id"): each for each in list_at(before, "items")}
    new = {text_at(each, "id"): each for each in list_at(after, "items")}
    for item_id, item in new.items():
        name = product(item, products)
        earlier = old.get(item_id)
        if earlier is None:
            said = _("%(product)s added, %(quantity)s × %(price)s.")
            yield said % {"product": name, "quantity": quantity(item), "price": price(item)}
            continue
        if id_at(earlier, "price") != id_at(item, "price"):
            yield _("Price: %(before)s, %(price_before)s → %(after)s, %(price_after)s.") % {
                "before": product(earlier, products),
                "price_before": price(earlier),
                "after": name,
                "price_after": price(item),
            }
        if quantity(earlier) != quantity(item):
            said = _("%(product)s: quantity %(before)s → %(after)s.")
            yield said % {"product": name, "before": quantity(earlier), "after": quantity(item)}
        yield from coupon_changes(earlier, item, name)
    for item_id, item in old.items():
        if item_id not in new:
            yield _("%(product)s taken out.") % {"product": product(item, products)}


def discounts(before: Json, after: Json) -> Iterable[str]:
    yield from coupon_changes(before, after, on="")


def coupon_changes(before: Json, after: Json, on: str) -> Iterable[str]:
    """`on`: what people call the item, empty for the subscription itself."""
    old, new = coupons(before), coupons(after)
    added = _("Discount %(name)s on %(item)s added.") if on else _("Discount %(name)s added.")
    ended = _("Discount %(name)s on %(item)s ended.") if on else _("Discount %(name)s ended.")
    yield from (added % {"name": name, "item": on} for each, name in new.items() if each not in old)
    yield from (ended % {"name": name, "item": on} for each, name in old.items() if each not in new)


def coupons(it: Json) -> dict[str, str]:
    """What people call each discount, by its id; unexpanded ones are called by that."""
    held = it.get("discounts")
    bare = {each: each for each in held if isinstance(each, str)} if isinstance(held, list) else {}
    single = it.get("discount")
    whole = [*list_at(it, "discounts"), *([single] if isinstance(single, dict) else [])]
    return bare | {
        text_at(each, "id"): text_at(each, "source", "coupon", "name")
        or text_at(each, "coupon", "name")
        or id_at(each, "source", "coupon")
        or id_at(each, "coupon")
        or text_at(each, "id")
        for each in whole
    }


def ending(before: Json, after: Json) -> Iterable[str]:
    old, new = before.get("cancel_at_period_end"), after.get("cancel_at_period_end")
    if new is True and old is not True:
        yield _("Set to cancel at the end of its period.")
    elif old is True and new is not True and not after.get("ended_at"):
        yield _("The cancellation was taken back.")
    if at(before, "cancel_at") != at(after, "cancel_at") and new is not True:
        if moment := time_at(after, "cancel_at"):
            yield _("Set to cancel on %(time)s.") % {"time": formatting.exact(moment)}
        elif old is not True and not after.get("ended_at"):
            yield _("No date to cancel any more.")
    if (ended := time_at(after, "ended_at")) and not before.get("ended_at"):
        yield _("Ended on %(time)s.") % {"time": formatting.exact(ended)}


def pause(before: Json, after: Json) -> Iterable[str]:
    old, new = at(before, "pause_collection", "behavior"), at(after, "pause_collection", "behavior")
    if new and not old:
        yield _("Collection paused.")
    elif old and not new:
        yield _("Collection resumed.")


def method(before: Json, after: Json) -> Iterable[str]:
    for name, said in {
        "default_payment_method": _("Default payment method: %(before)s → %(after)s."),
        "default_source": _("Default source: %(before)s → %(after)s."),
    }.items():
        old, new = id_at(before, name), id_at(after, name)
        if old != new:
            yield said % {"before": old or _("none"), "after": new or _("none")}


def product(item: Json, products: Mapping[str, str]) -> str:
    product_id = id_at(item, "price", "product")
    return products.get(product_id) or text_at(item, "price", "nickname") or product_id or _("An item")


def quantity(item: Json) -> str:
    exact = decimal_at(item, "quantity_decimal")
    count = decimal_at(item, "quantity") if exact is None else exact
    return _("by use") if count is None else plain_number(count)


def price(item: Json) -> str:
    """`33.00 EUR a month`, `tiers in EUR a year`."""
    it = at(item, "price")
    currency, interval = text_at(it, "currency"), text_at(it, "recurring", "interval")
    exact = decimal_at(it, "unit_amount_decimal")
    amount = decimal_at(it, "unit_amount") if exact is None else exact
    return priced(unit_price_of(amount, currency), interval, amount_at(it, "recurring", "interval_count") or 1)
