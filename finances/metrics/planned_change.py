"""What a subscription's items are after a change that its schedule plans, as far as what is stored says all of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from finances.expandable import id_of
from finances.metrics.item_price import is_metered
from finances.metrics.lasting_discounts import held_discounts

Json = dict[str, Any]


def phase_at(seconds: int | None, coming: Iterable[Json]) -> Json | None:
    """The last that has begun by then."""
    begun = [phase for phase in coming if seconds and phase.get("start_date") and phase["start_date"] <= seconds]
    return max(begun, key=lambda phase: phase["start_date"], default=None)


def planned_items(
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
        price = prices.get(id_of(each.get("price")))
        if not price or not price.get("id") or not price.get("recurring"):
            return None
        planned.append(each | {"id": price["id"], "price": price, "tax_rates": items[0].get("tax_rates")})
    if phase["start_date"] != seconds:
        # With another interval, or a new anchor, the invoice would come at once and not at the period's end.
        rhythms = {_rhythm(item) for item in [*items, *planned]}
        if len(rhythms) > 1 or phase.get("billing_cycle_anchor") == "phase_start":
            return None
    licensed = [item for item in planned if not is_metered(item)]
    return licensed if all(item.get("quantity") is not None for item in licensed) else None


def _rhythm(item: Json) -> tuple[Any, Any]:
    recurring = (item.get("price") or {}).get("recurring") or {}
    return recurring.get("interval"), recurring.get("interval_count") or 1


def _same_discounts(phase: Json, subscription: Json, items: Iterable[Json]) -> bool:
    """Whether the phase goes on with the subscription's. A coupon that has an end may begin anew with the phase."""
    if any(item.get("discounts") for item in items):
        return False
    old_shape = [{"coupon": phase["coupon"]}] if phase.get("coupon") else []
    planned, held = phase.get("discounts") or old_shape, held_discounts(subscription)
    return len(planned) == len(held) and all(
        isinstance(then, dict) and isinstance(now, dict) and _goes_on(then, now)
        for then, now in zip(planned, held, strict=True)
    )


def _goes_on(planned: Json, held: Json) -> bool:
    if discount_id := id_of(planned.get("discount")):
        return discount_id == held.get("id")
    coupon = (held.get("source") or {}).get("coupon") or held.get("coupon")
    return held.get("end") is None and bool(id_of(coupon)) and id_of(planned.get("coupon")) == id_of(coupon)


def _same_tax(phase: Json, subscription: Json, items: Iterable[Json]) -> bool:
    """One set of rates for every item, today's and planned ones, and the same defaults."""
    automatic = [bool((each.get("automatic_tax") or {}).get("enabled")) for each in (phase, subscription)]
    defaults = [_ids_of(each.get("default_tax_rates")) for each in (phase, subscription)]
    own = {_ids_of(item.get("tax_rates")) for item in items}
    return automatic[0] == automatic[1] and defaults[0] == defaults[1] and len(own) == 1


def _ids_of(values: Iterable[Any] | None) -> frozenset[str]:
    return frozenset(map(id_of, values or ()))
