"""Whose turn it is to call Stripe: from what this process has leased, else by a lease of the database's rows."""

import os
import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import Error, connection, transaction
from django.db.models import Q

from finances.deadlines import deadline
from finances.models import RateBudget
from finances.rate_budget import bucket
from finances.rate_budget.bucket import ALL, Priority

# Seconds.
LEASE_HOLDS = 0.5
LONGEST_WAIT = 2.0  # then one asks again: others may have learned something
LONGEST_PAUSE = 60.0
PATIENCE = 2.0  # with PostgreSQL
AWAY = 5.0  # between two questions to a database that did not answer

FAILURES = 20
"""In a row, of all workers: at 40 % random faults that many come about once in a hundred million calls."""
FAILING_FOR = timedelta(seconds=5)
SHORTEST_OPEN, LONGEST_OPEN = 5.0, 60.0  # seconds
PROBE = timedelta(seconds=30)
"""A call takes no longer; the probe of a worker that died is overtaken after it."""


class Turn(NamedTuple):
    """`wait`: seconds until one may ask again; 0: make the call. `down`: Stripe is, and is tried in so many seconds.

    `is_probe`: this call finds out whether Stripe is back, and all others wait for what it says.
    """

    wait: float = 0.0
    is_probe: bool = False
    down: float = 0.0


GO = Turn()


class Lease:
    def __init__(self) -> None:
        self.calls, self.until = 0, 0.0


class Process:
    """What this process holds and was told, so that few calls and no waiting thread cost a statement."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.leases: defaultdict[str, Lease] = defaultdict(Lease)
        self.told: dict[tuple[str, Priority], tuple[float, Turn]] = {}
        self.is_failing = False
        self.asks_from = self.next_alone = 0.0

    def call_no_more(self) -> None:
        """What was leased goes back with the next lease. Without the lock: who has it may be waiting for our row."""
        for lease in list(self.leases.values()):
            lease.until = 0.0


_here = Process()


def begin_anew() -> None:
    """Forget what this process holds."""
    global _here
    _here = Process()


os.register_at_fork(after_in_child=begin_anew)  # a lease is spent once


def take(endpoint: str, priority: Priority) -> Turn:
    """The next call to an endpoint such as /v1/invoices: now, or how long to wait before asking again. Never waits.

    Without the database each process goes by itself, at a quarter of the limit: what is read could not be stored then
    anyway, and `doctor` still asks Stripe.
    """
    here = _here
    with here.lock:
        at = time.monotonic()
        lease = here.leases[endpoint]
        if lease.calls and at < lease.until:
            lease.calls -= 1
            return GO
        until, turn = here.told.get((endpoint, priority), (0.0, GO))
        if at < until:
            return turn._replace(wait=until - at)
        if at >= here.asks_from:
            with _asking(here):
                turn, calls = _lease(here, endpoint, priority, lease.calls)
                at = time.monotonic()
                if turn.wait:
                    here.told[endpoint, priority] = (at + turn.wait, turn)
                else:
                    lease.calls, lease.until = calls - 1, at + LEASE_HOLDS
                return turn
        return _alone(here, time.monotonic())


def pause(scope: str, seconds: float) -> None:
    """Stripe said Retry-After: nobody calls this endpoint, or any where it is `ALL`, before. At most a minute."""
    here = _here
    here.call_no_more()
    if time.monotonic() < here.asks_from:
        return
    with _asking(here), transaction.atomic():
        now, row = bucket.locked(scope)
        until = now + timedelta(seconds=min(seconds, LONGEST_PAUSE))
        if row.paused_until is None or row.paused_until < until:
            row.paused_until = until
            row.save(update_fields=["paused_until"])


def failed(*, is_probe: bool = False) -> None:
    """Stripe did not answer, or with an error of its own. Enough of it in a row, for long enough, opens the breaker.

    A probe that fails opens it again, for twice as long, up to a minute; what else was still under way does not count.
    """
    here = _here
    here.is_failing = True
    if time.monotonic() < here.asks_from:
        return
    with _asking(here), transaction.atomic():
        now, row = bucket.locked(ALL)
        if row.open_until and not is_probe:
            return
        row.failures += 1
        row.failing_since = row.failing_since or now
        if is_probe or (row.failures >= FAILURES and now - row.failing_since >= FAILING_FOR):
            times = row.failures - FAILURES if is_probe else 0
            row.failures = FAILURES + max(0, times)
            row.open_until = now + timedelta(seconds=_opening(times))
            here.call_no_more()
        row.save(update_fields=["failures", "failing_since", "open_until"])


def answered(*, is_probe: bool = False) -> None:
    """Stripe answered, if only with a refusal: what failed in a row is over, and the breaker closed."""
    here = _here
    if not (here.is_failing or is_probe) or time.monotonic() < here.asks_from:
        return
    here.is_failing = False
    with _asking(here):
        failing = RateBudget.objects.filter(~Q(failures=0) | Q(open_until__isnull=False), scope=ALL)
        failing.update(failures=0, failing_since=None, open_until=None)
        here.told.clear()


def left(until: datetime | None, now: datetime) -> float:
    """Seconds until then; 0 when it is past, or further away than anything here lasts: then the clock was set back."""
    seconds = (until - now).total_seconds() if until else 0.0
    return seconds if 0 < seconds <= 1.5 * LONGEST_OPEN else 0.0


def _lease(here: Process, endpoint: str, priority: Priority, unused: int) -> tuple[Turn, int]:
    """A turn and, where it may be made, how many calls may be. `unused`: of the lease before."""
    with transaction.atomic():
        now, *rows = bucket.locked(ALL, endpoint)
        of_all = rows[0]
        here.is_failing = bool(of_all.failures or of_all.open_until)
        if seconds := max(left(row.paused_until, now) for row in rows):
            return Turn(min(seconds, LONGEST_WAIT)), 0
        if seconds := left(of_all.open_until, now):
            return Turn(min(seconds, LONGEST_WAIT), down=seconds), 0
        if seconds := bucket.until_free(rows, now, priority, unused):
            return Turn(min(seconds, LONGEST_WAIT)), 0
        calls = bucket.lease(rows, now, priority, unused)
        is_probe = of_all.open_until is not None
        if is_probe:
            of_all.open_until = now + PROBE
        if is_probe or priority is Priority.URGENT:  # the rest of what a person borrowed would be anybody's
            calls = 1
        for row in rows:
            bucket.hand_out(row, now, calls, unused)
            row.save(update_fields=["level", "filled_at", "minute", "taken", "taken_before", "open_until"])
    return Turn(is_probe=is_probe), calls


def _opening(times: int) -> float:
    return min(LONGEST_OPEN, SHORTEST_OPEN * 2.0 ** min(times, 10) * random.uniform(1, 1.25))


@contextmanager
def _asking(here: Process) -> Iterator[None]:
    """What the database does not answer is let be, and nobody asks again for a moment."""
    try:
        with deadline(PATIENCE):
            yield
    except Error:
        here.asks_from = time.monotonic() + AWAY
        connection.close_if_unusable_or_obsolete()


def _alone(here: Process, at: float) -> Turn:
    if at < here.next_alone:
        return Turn(here.next_alone - at)
    here.next_alone = at + 4 / bucket.limit_of(ALL)
    return GO
