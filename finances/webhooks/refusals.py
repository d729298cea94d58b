"""What is refused is counted by minute and reason. Nothing else of it is kept."""

import atexit
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import Error as DatabaseError
from django.db import connection

from finances.deadlines import deadline
from finances.models import RefusedPosts


class Reason(StrEnum):
    """Why a post was refused, as the sender is told and as it is counted: our words, never any of the request's."""

    NO_LENGTH = "no Content-Length"
    TOO_LARGE = "too large"
    CUT_SHORT = "cut short"
    TOO_SLOW = "too slow"
    NO_SIGNATURE = "no signature"
    WRONG_SIGNATURE = "wrong signature"
    TOO_OLD = "signed too long ago"
    AHEAD = "signed ahead of our clock"
    NOT_JSON = "not JSON"
    NOT_AN_EVENT = "not an event"
    NOT_STORABLE = "characters that cannot be stored"


class Refused(Exception):
    """Not Stripe's, or not an event: the sender is told why, nothing of it is kept."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


Counts = Counter[tuple[datetime, str]]


class Refusals:
    """The counts of this process, on their way to the table at most once a second.

    A write for each bad post would let whoever sends them make every delivery wait for one hot row. So the first one
    is written at once, and what comes within the second after it with the next request, or at the end of the process.
    One that is killed loses that second's counts. A database that is away is left alone for a while: the counts wait.
    """

    PAUSE = 1.0  # seconds between two writes
    PAUSE_AFTER_FAILURE = 10.0  # seconds
    PATIENCE = 0.5  # seconds that a request waits for the counts of others to be written
    MOST = 1000  # minutes and reasons held at once; the oldest are given up first

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: Counts = Counter()
        self._not_before = clock()
        self._counting = threading.Lock()
        self._writing = threading.Lock()

    def count(self, reason: Reason, now: datetime) -> None:
        self._add(Counter({(now.replace(second=0, microsecond=0), reason.value): 1}))

    def write_if_due(self) -> None:
        """Never raises and never waits for another thread: an answer is not late because of this one's counts."""
        if self._counts and self._clock() >= self._not_before and self._writing.acquire(blocking=False):
            try:
                self._write()
            finally:
                self._writing.release()

    def write_at_exit(self) -> None:
        with self._writing:
            self._write()

    def _write(self) -> None:
        with self._counting:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        pause = self.PAUSE
        try:
            with deadline(self.PATIENCE):
                _add_to_table(counts)
        except Exception:
            # Whatever it was: a count is worth no answer. What was not written waits.
            self._add(counts)
            pause = self.PAUSE_AFTER_FAILURE
        self._not_before = self._clock() + pause

    def _add(self, counts: Counts) -> None:
        with self._counting:
            self._counts.update(counts)
            while len(self._counts) > self.MOST:
                del self._counts[min(self._counts)]


def _add_to_table(counts: Counts) -> None:
    table = RefusedPosts._meta.db_table
    rows = sorted(counts.items())  # in one order, or two processes could each hold a row that the other wants
    minutes = RefusedPosts._meta.get_field("minute")
    # Names of our own columns only.
    statement = (
        f"INSERT INTO {table} (minute, reason, count) VALUES {', '.join(['(%s, %s, %s)'] * len(rows))} "  # noqa: S608  # nosec B608  # our own table's name
        f"ON CONFLICT (minute, reason) DO UPDATE SET count = {table}.count + excluded.count"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            [
                value
                for (minute, reason), count in rows
                for value in (minutes.get_db_prep_save(minute, connection), reason, count)
            ],
        )


def prune_refusals(now: datetime, keep: timedelta) -> int:
    """Deletes the counts of minutes longer ago than `keep`; how many rows there were."""
    return RefusedPosts.objects.filter(minute__lt=now - keep).delete()[0]


refusals = Refusals()


@atexit.register
def _write_what_is_left() -> None:
    with suppress(DatabaseError, RuntimeError):
        refusals.write_at_exit()
