"""Sandbox time: real time and whatever the control address has added to it. Seconds since 1970, UTC."""

from __future__ import annotations

import time
from datetime import UTC, datetime

DAY = 86_400


class Clock:
    """`history_ends` is the second at which the made-up past stops.

    Without a given moment that is today's midnight, so that every start on one day gives the same bytes, while the
    time of day itself is the real one. With a given moment the clock starts there, and runs unless `runs` is false:
    then only `advance` moves it.
    """

    def __init__(self, now: datetime | None = None, runs: bool = True) -> None:
        started = time.time()
        if now is None:
            moment = started
            self.history_ends = int(started) - int(started) % DAY
        else:
            self.history_ends = int((now if now.tzinfo else now.replace(tzinfo=UTC)).timestamp())
            moment = self.history_ends
        self._running = runs
        self._offset = moment - started if runs else moment
        self._earliest = self.history_ends

    def now(self) -> int:
        return max(int(self._offset + (time.time() if self._running else 0)), self._earliest)

    def advance(self, seconds: float) -> int:
        self._offset += seconds
        return self.now()

    def set_back_to(self, moment: int) -> None:
        """For a business whose past is still to be played."""
        self._earliest = moment
        self._offset -= self.now() - moment
