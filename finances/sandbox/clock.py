"""Sandbox time: real time and whatever the control address has added to it. Seconds since 1970, UTC."""

from __future__ import annotations

import time
from datetime import UTC, datetime

DAY = 86_400


class Clock:
    """`history_ends` is the second at which the made-up past stops.

    Without a given moment that is today's midnight, so that every start on one day gives the same bytes, while the
    time of day itself is the real one. With a given moment the clock starts there and runs.
    """

    def __init__(self, now: datetime | None = None) -> None:
        started = time.time()
        if now is None:
            self._offset = 0.0
            self.history_ends = int(started) - int(started) % DAY
        else:
            moment = now if now.tzinfo else now.replace(tzinfo=UTC)
            self.history_ends = int(moment.timestamp())
            self._offset = self.history_ends - started

    def now(self) -> int:
        return max(int(time.time() + self._offset), self.history_ends)

    def advance(self, seconds: float) -> int:
        self._offset += seconds
        return self.now()
