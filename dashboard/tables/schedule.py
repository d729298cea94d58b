"""What is planned for a subscription, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.prices import plain_number, price_in_words
from finances.reads.prices import PricedProduct
from finances.reads.schedule import PendingUpdate, Phase, PlannedItem, Schedule

AFTER = {
    "cancel": gettext_lazy("Then the subscription is cancelled."),
    "none": gettext_lazy("Then the subscription goes on."),
    "release": gettext_lazy("Then the subscription goes on as the last phase leaves it."),
    "renew": gettext_lazy("Then the last phase begins again."),
}
ENDED_EARLY = {
    "canceled": gettext_lazy("The schedule was cancelled."),
    "released": gettext_lazy("The subscription was let go from this schedule and goes on without it."),
}
STATUSES = {"not_started": (gettext_lazy("Not started"), "info"), "released": (gettext_lazy("Released"), "neutral")}


@dataclass(frozen=True)
class ShownPhase:
    """`state`: over, now, planned, or dropped where its schedule ended before it began.

    `items`: `40 × Business, 33.00 EUR a month`. `changes`: to the phase before.
    """

    phase: Phase
    state: str
    items: list[str]
    changes: list[str]


@dataclass(frozen=True)
class ShownSchedule:
    """`next`: the phase that begins next, None where none does."""

    schedule: Schedule
    phases: list[ShownPhase]
    after: str
    next: ShownPhase | None


def shown_schedule(schedule: Schedule, priced: Mapping[str, PricedProduct], now: datetime) -> ShownSchedule:
    phases = []
    before: Phase | None = None
    for phase in schedule.phases:
        state = state_of(phase, schedule, now)
        planned = [item_in_words(item, priced) for item in phase.items]
        phases.append(ShownPhase(phase, state, planned, changes(before, phase, priced) if before else []))
        before = phase
    upcoming = next((each for each in phases if each.state == "planned"), None) if schedule.is_running else None
    after = str(AFTER.get(schedule.row.end_behavior, ""))
    if schedule.row.status in ENDED_EARLY:
        after = str(ENDED_EARLY[schedule.row.status])
    return ShownSchedule(schedule, phases, after, upcoming)


def state_of(phase: Phase, schedule: Schedule, now: datetime) -> str:
    """A schedule that was released or cancelled holds nothing any more: its later phases never come."""
    if schedule.ended_at is not None:
        begun = phase.starts_at is not None and phase.starts_at < schedule.ended_at
        return "over" if begun else "dropped"
    return "over" if phase.is_over(now) else "now" if phase.is_on(now) else "planned"


def item_in_words(item: PlannedItem, priced: Mapping[str, PricedProduct]) -> str:
    known = priced.get(item.price_id)
    price = price_in_words(known.price) if known else _("a price that is not stored here")
    return f"{called(item, priced)}, {price}"


def called(item: PlannedItem, priced: Mapping[str, PricedProduct]) -> str:
    """`40 × Business`; without a quantity the product alone."""
    known = priced.get(item.price_id)
    name = known.product if known else item.price_id
    return name if item.quantity is None or item.quantity == 1 else f"{plain_number(item.quantity)} × {name}"


def changes(before: Phase, after: Phase, priced: Mapping[str, PricedProduct]) -> list[str]:
    """One sentence an item: another quantity, another price, added, taken out; then the discounts."""
    old, new = by_price(before.items), by_price(after.items)
    leaving = {price_id: item for price_id, item in old.items() if price_id not in new}
    instead = _("%(now)s instead of %(before)s")
    said = []
    for price_id, item in new.items():
        if price_id in old:
            if old[price_id].quantity != item.quantity:
                said.append(instead % {"now": called(item, priced), "before": plain_number(old[price_id].quantity)})
            continue
        was = next((each for each in leaving.values() if same_product(each, item, priced)), None)
        if was is None:
            said.append(_("%(item)s comes in") % {"item": item_in_words(item, priced)})
            continue
        del leaving[was.price_id]
        price = price_in_words(priced[was.price_id].price)
        said.append(
            instead
            % {
                "now": item_in_words(item, priced),
                "before": price if was.quantity == item.quantity else f"{plain_number(was.quantity)} × {price}",
            }
        )
    said += [_("%(item)s goes out") % {"item": called(item, priced)} for item in leaving.values()]
    if before.discounts != after.discounts:
        said.append(_("discounts: %(names)s") % {"names": ", ".join(after.discounts) or _("none")})
    return said


def same_product(one: PlannedItem, other: PlannedItem, priced: Mapping[str, PricedProduct]) -> bool:
    """Whether two prices are of one product, as far as both are known."""
    first, second = priced.get(one.price_id), priced.get(other.price_id)
    return first is not None and second is not None and first.price.product_id == second.price.product_id


def by_price(items: Sequence[PlannedItem]) -> dict[str, PlannedItem]:
    return {item.price_id: item for item in items}


def update_in_words(update: PendingUpdate | None, priced: Mapping[str, PricedProduct]) -> list[str]:
    return [item_in_words(item, priced) for item in update.items] if update else []
