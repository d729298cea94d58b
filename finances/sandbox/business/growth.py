"""How the business goes: more people every month, fewer in summer, and one month when much went wrong."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from finances.sandbox.engine.periods import months_after

MONTHLY_GROWTH = 1.035
SEASONS = {1: 1.2, 2: 1.05, 6: 0.9, 7: 0.7, 8: 0.6, 9: 1.2, 10: 1.15, 12: 0.8}  # by calendar month; 1.0 elsewhere
BAD_MONTH_SIGN_UPS = 0.45
BAD_MONTHS_AGO = 7


class Climate:
    """The bad month, for whoever charges cards or loses customers. None until the history is planned."""

    def __init__(self) -> None:
        self.bad = (0, 0)

    def is_bad(self, at: int) -> bool:
        return self.bad[0] <= at < self.bad[1]

    def refusals(self, at: int) -> float:
        """The chance that a card refuses, beside the customer's own."""
        return 0.13 if self.is_bad(at) else 0.0

    def leaving(self, start: int, end: int) -> float:
        """How much likelier a customer leaves between the two moments: 0 outside the bad month."""
        return 0.07 if start < self.bad[1] and end > self.bad[0] else 0.0


class Growth:
    """Sign-ups month by month: `newcomers` over the planned months, and on at the same curve after them."""

    def __init__(self, newcomers: int, start: int, end: int, seed: int) -> None:
        self._seed = seed
        self._end = end
        self._months = _months_between(start, end)
        self.bad_month = (months_after(end, -BAD_MONTHS_AGO), months_after(end, 1 - BAD_MONTHS_AGO))
        self._weights: list[float] = []
        self._scale = newcomers / sum(self._weight(month) for month in range(self._months))

    def begins(self, month: int) -> int:
        """The first second of a month of the business; month 0 is where the history starts."""
        return months_after(self._end, month - self._months)

    def sign_ups(self, month: int) -> list[int]:
        """When somebody signs up in that month: the same moments however time is played."""
        rng = random.Random(f"sign-ups {self._seed} {month}")
        start, end = self.begins(month), self.begins(month + 1)
        count = self._until(month + 1) - self._until(month)
        return sorted(rng.randrange(start, end) for _ in range(count))

    def _until(self, month: int) -> int:
        return round(self._scale * sum(self._weight(each) for each in range(month)))

    def _weight(self, month: int) -> float:
        while len(self._weights) <= month:
            at = self.begins(len(self._weights))
            weight = MONTHLY_GROWTH ** len(self._weights)
            weight *= SEASONS.get(datetime.fromtimestamp(at, UTC).month, 1.0)
            if self.bad_month[0] <= at < self.bad_month[1]:
                weight *= BAD_MONTH_SIGN_UPS
            self._weights.append(weight)
        return self._weights[month]


def _months_between(start: int, end: int) -> int:
    """At least one."""
    months = 1
    while months_after(end, -months) > start:
        months += 1
    return months
