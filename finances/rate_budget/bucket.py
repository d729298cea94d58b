"""The rows of the rate budget: how full each is, and what may be taken from it."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.conf import settings
from django.db import Error
from django.db.models.functions import Now

from finances.models import RateBudget

ALL = "all"

# In seconds' worth of calls, and the least in calls: one has to be left to a limit of one a second, too.
SAVED_UP = (0.25, 2)
LEASE = (0.1, 1)
RESERVE = (0.1, 1)
BORROWED = (0.25, 2)

LATE = timedelta(seconds=5)
"""The database reads its clock before it waits for a row: by so much less may have passed than when it was filled."""


class Priority(Enum):
    """URGENT: a person waits. EVENTS: the day's work. BULK: everything else, it leaves a reserve to the others."""

    URGENT = "urgent"
    EVENTS = "events"
    BULK = "bulk"


def limit_of(scope: str) -> int:
    """Calls a second, of `ALL` or of one endpoint such as /v1/invoices."""
    return settings.CALLS_A_SECOND if scope == ALL else settings.CALLS_A_SECOND_OF_ONE_ENDPOINT


def worth(span: tuple[float, float], limit: int) -> float:
    """Calls: so many seconds of the limit."""
    seconds, least = span
    return max(seconds * limit, least)


def level(row: RateBudget, now: datetime) -> float:
    """Calls that may be made at `now`."""
    passed = max(0.0, (now - row.filled_at).total_seconds())
    limit = limit_of(row.scope)
    return min(worth(SAVED_UP, limit), row.level + passed * limit)


def until_free(rows: Sequence[RateBudget], now: datetime, priority: Priority, unused: int) -> float:
    """Seconds until one call may be made; 0 where it may. `unused`: calls that go back."""
    wait = max((1 - _free(row, now, priority) - unused) / limit_of(row.scope) for row in rows)
    # Some way apart, so that not all who wait ask at one moment; never so long that what fills up is lost.
    return max(wait, 0.005) * random.uniform(1, 1.2) if wait > 0 else 0.0


def lease(rows: Sequence[RateBudget], now: datetime, priority: Priority, unused: int) -> int:
    """How many calls may be made at once, where one may."""
    free = (_free(row, now, priority) + unused for row in rows)
    most = (worth(LEASE, limit_of(row.scope)) for row in rows)
    return max(1, int(min(*free, *most)))


def hand_out(row: RateBudget, now: datetime, calls: int, unused: int) -> None:
    """Off the row, which is not saved, with what of an earlier lease goes back to it."""
    row.level = min(level(row, now) + unused, worth(SAVED_UP, limit_of(row.scope))) - calls
    if not timedelta() < row.filled_at - now < LATE:  # a clock that was set back fills it, too
        row.filled_at = now
    minute = now.replace(second=0, microsecond=0)
    if row.minute != minute:
        row.taken_before = row.taken if row.minute == minute - timedelta(minutes=1) else 0
        row.minute, row.taken = minute, 0
    row.taken = max(0, row.taken + calls - unused)


def locked(*scopes: str) -> tuple[Any, ...]:
    """The database's time and the rows, locked in one order whoever asks, so that nobody waits for one who waits."""
    for _ in range(2):
        rows = RateBudget.objects.select_for_update().filter(scope__in=scopes).order_by("scope").annotate(now=Now())
        by_scope = {row.scope: row for row in rows}
        if len(by_scope) == len(scopes):
            return rows[0].now, *(by_scope[scope] for scope in scopes)
        missing = sorted(set(scopes) - by_scope.keys())
        full = [(scope, worth(SAVED_UP, limit_of(scope))) for scope in missing]
        RateBudget.objects.bulk_create(
            [RateBudget(scope=scope, level=calls, filled_at=Now()) for scope, calls in full], ignore_conflicts=True
        )
    raise Error("a row of the rate budget is gone as soon as it is made")


def _free(row: RateBudget, now: datetime, priority: Priority) -> float:
    limit = limit_of(row.scope)
    floor = {
        Priority.URGENT: -worth(BORROWED, limit),
        Priority.EVENTS: 0.0,
        Priority.BULK: worth(RESERVE, limit),
    }
    return level(row, now) - floor[priority]
