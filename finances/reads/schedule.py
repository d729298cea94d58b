"""What is planned for a subscription: the phases of its schedule, and an update that waits for a payment."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from finances.models import SubscriptionSchedule
from finances.reads.stored import decimal_at, id_at, json_of, list_at, text_at, time_at


@dataclass(frozen=True)
class PlannedItem:
    """`quantity`: None for a metered price."""

    price_id: str
    quantity: Decimal | None


@dataclass(frozen=True)
class Phase:
    """`ends_at` excluded; None where Stripe names no end. `discounts`: ids of coupons, or of discounts that go on."""

    starts_at: datetime | None
    ends_at: datetime | None
    items: list[PlannedItem]
    discounts: list[str]
    trial_end: datetime | None
    proration: str

    def is_over(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now

    def is_on(self, now: datetime) -> bool:
        return self.starts_at is not None and self.starts_at <= now and not self.is_over(now)


@dataclass(frozen=True)
class Schedule:
    """`end_behavior`: release (the subscription goes on as the last phase left it), cancel, renew or none.

    `ended_at`: when it was released or cancelled, and its phases with it; None where it was neither.
    """

    row: SubscriptionSchedule
    phases: list[Phase]
    ended_at: datetime | None = None

    @property
    def is_running(self) -> bool:
        return self.row.status in ("active", "not_started")


@dataclass(frozen=True)
class PendingUpdate:
    """A change that Stripe makes once its invoice is paid, and drops at `expires_at`."""

    items: list[PlannedItem]
    trial_end: datetime | None
    expires_at: datetime | None


def schedule(row: SubscriptionSchedule) -> Schedule:
    """`row` came through `with_stored`."""
    stored = json_of(row)
    ended_at = time_at(stored, "released_at") or time_at(stored, "canceled_at")
    return Schedule(row, [phase(each) for each in list_at(stored, "phases")], ended_at)


def phase(it: dict[str, Any]) -> Phase:
    return Phase(
        starts_at=time_at(it, "start_date"),
        ends_at=time_at(it, "end_date"),
        items=[planned_item(each) for each in list_at(it, "items")],
        discounts=[name for each in list_at(it, "discounts") if (name := _discount_name(each))],
        trial_end=time_at(it, "trial_end"),
        proration=text_at(it, "proration_behavior"),
    )


def pending_update(subscription: dict[str, Any]) -> PendingUpdate | None:
    update = subscription.get("pending_update")
    if not isinstance(update, dict):
        return None
    return PendingUpdate(
        items=[planned_item(each) for each in list_at(update, "subscription_items")],
        trial_end=time_at(update, "trial_end"),
        expires_at=time_at(update, "expires_at"),
    )


def planned_item(it: dict[str, Any]) -> PlannedItem:
    return PlannedItem(id_at(it, "price"), decimal_at(it, "quantity"))


def coming_phases(schedules: Iterable[Schedule], now: datetime) -> list[dict[str, Any]]:
    """Those of the running schedules that have not begun, as Stripe has them. `schedules` came through `schedule`."""
    phases = [phase for each in schedules if each.is_running for phase in list_at(json_of(each.row), "phases")]
    return [phase for phase in phases if (starts_at := time_at(phase, "start_date")) and starts_at > now]


def prices_of(schedules: list[Schedule], update: PendingUpdate | None) -> Iterator[str]:
    """The ids of all prices that are planned."""
    for each in schedules:
        for one in each.phases:
            yield from (item.price_id for item in one.items)
    if update:
        yield from (item.price_id for item in update.items)


def _discount_name(it: dict[str, Any]) -> str:
    return id_at(it, "coupon") or id_at(it, "promotion_code") or id_at(it, "discount")
