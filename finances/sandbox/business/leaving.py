"""How customers leave: at once or at the end of the period, with their reasons, and some think better of it."""

from __future__ import annotations

import random
from collections.abc import Callable

from finances.sandbox.business.collecting import HOUR
from finances.sandbox.business.growth import Climate
from finances.sandbox.engine.agenda import Agenda
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.store import Object

CHANCES = {"week": 0.012, "month": 0.028, "year": 0.13}  # to leave within one period
LIVE = ("active", "trialing", "past_due")
STAY = 0.12  # of those who cancelled to the end of their period
REASONS = (
    ("too_expensive", "Our budget was cut."),
    ("missing_features", "We need single sign-on."),
    ("switched_service", "Moved to another tool with the rest of the group."),
    ("unused", None),
    ("customer_service", "Nobody answered for a week."),
    ("low_quality", None),
    ("too_complex", "Two of us never found the reports."),
    ("other", "The project is over. Thank you!"),
    (None, None),
)


class Leaving:
    """`end` is what ends a subscription: (its id, the reason)."""

    def __init__(
        self,
        books: Books,
        agenda: Agenda,
        climate: Climate,
        rng: random.Random,
        end: Callable[[str, str | None], object],
    ) -> None:
        self._books = books
        self._agenda = agenda
        self._climate = climate
        self._rng = rng
        self._end = end

    def maybe(self, subscription_id: str, start: int, end: int, interval: str) -> None:
        """About one month in thirty-five somebody has had enough, and more often in a bad month; half of them at
        once."""
        rng = self._rng
        extra = self._climate.leaving(start, end)
        if rng.random() < CHANCES[interval] + extra:
            first = start + HOUR + 1
            if extra:
                first = min(max(first, self._climate.bad[0]), end - 1)
            moment = rng.randrange(first, end)
            at_once = rng.random() < 0.5
            self._agenda.plan(moment, self._if_there, self.at_once if at_once else self._to_the_end, subscription_id)

    def at_once(self, subscription_id: str) -> None:
        if self._books.store[subscription_id]["status"] in LIVE:
            self._books.store.change(subscription_id, cancellation_details=self._why())
            self._end(subscription_id, "cancellation_requested")

    def at_period_end(self, subscription_id: str) -> bool:
        """False when there is nothing to cancel."""
        books = self._books
        subscription = books.store[subscription_id]
        if subscription["status"] not in ("active", "trialing") or subscription["cancel_at_period_end"]:
            return False
        books.change(
            subscription_id,
            "customer.subscription.updated",
            cancel_at=_period_end(subscription),
            cancel_at_period_end=True,
            canceled_at=books.at,
            cancellation_details=self._why(),
        )
        return True

    def _to_the_end(self, subscription_id: str) -> None:
        """One of them, now and then, stays after all."""
        if self.at_period_end(subscription_id) and self._rng.random() < STAY:
            left = _period_end(self._books.store[subscription_id]) - self._books.at
            self._agenda.plan(
                self._books.at + 1 + self._rng.randrange(left), self._if_there, self.stay, subscription_id
            )

    def stay(self, subscription_id: str) -> None:
        """They have thought better of it."""
        subscription = self._books.store[subscription_id]
        if subscription["cancel_at_period_end"] and subscription["status"] in LIVE:
            self._books.change(
                subscription_id,
                "customer.subscription.updated",
                cancel_at=None,
                cancel_at_period_end=False,
                canceled_at=None,
                cancellation_details={"comment": None, "feedback": None, "reason": None},
            )

    def _why(self) -> Object:
        feedback, comment = self._rng.choice(REASONS)
        said = comment if self._rng.random() < 0.6 else None
        return {"comment": said, "feedback": feedback, "reason": "cancellation_requested"}

    def _if_there(self, action: Callable[[str], object], subscription_id: str) -> None:
        if subscription_id in self._books.store:
            action(subscription_id)


def _period_end(subscription: Object) -> int:
    return int(subscription["items"]["data"][0]["current_period_end"])
