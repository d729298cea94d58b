"""Whether no event has come for longer than is usual."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMinute

from finances.models import Delivery

SHORTEST = timedelta(minutes=30)
"""Less than this is never a silence."""
LONGEST = timedelta(days=7)
"""So much of a silence is compared; more of it would be compared with itself."""
WEEK = timedelta(days=7)
WEEKS = 2
LIVELY = 10
"""Minutes with an event that the same span held in each of the weeks before, so that none in it now is no chance."""


@dataclass(frozen=True)
class Silence:
    """`since`: when the newest event came; None before the first. `quiet`: how long ago that is.

    `before`: in how many minutes an event came within the same span one week earlier and two weeks earlier; empty where
    it was not looked up, because it is not quiet for long enough.
    """

    since: datetime | None
    quiet: timedelta
    before: tuple[int, ...] = ()

    @property
    def is_unusual(self) -> bool:
        """Quiet for half an hour at least, and in each of the two weeks before an event came in ten minutes or more of
        the same span of the week.

        The same hours of the week, so that a quiet night or Sunday is compared with quiet nights and Sundays. Minutes
        instead of events, since one renewal makes a dozen events at once. Two weeks of history are needed, so a new
        deployment is never silent. Were ten such minutes what the span usually holds, none at all would come about by
        chance once in twenty thousand times.
        """
        return len(self.before) == WEEKS and all(minutes >= LIVELY for minutes in self.before)


def silence(now: datetime) -> Silence:
    """One query while events come, three in a silence; each over a range of `received_at`."""
    since = Delivery.objects.order_by("-received_at", "-event_id").values_list("received_at", flat=True).first()
    if since is None:
        return Silence(None, timedelta())
    quiet = max(now - since, timedelta())
    if quiet < SHORTEST:
        return Silence(since, quiet)
    start = max(since, now - LONGEST)
    weeks = (WEEK * number for number in range(1, WEEKS + 1))
    return Silence(since, quiet, tuple(_minutes(_between(start - week, now - week)) for week in weeks))


def _between(since: datetime, until: datetime) -> QuerySet[Delivery]:
    # The event that began the silence is not in it, so its like is not in the weeks before either.
    return Delivery.objects.filter(received_at__gt=since, received_at__lt=until)


def _minutes(rows: QuerySet[Any]) -> int:
    return rows.aggregate(minutes=Count(TruncMinute("received_at"), distinct=True))["minutes"]
