"""A sample of what is here, compared with Stripe each night: a few pages of each type, chosen anew each time."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from random import Random
from typing import Any

from django.db.models import Min

from finances.models import ListedMonth, ObjectState
from finances.periods import add_months, bounds, month_of

Step = dict[str, Any]

A_PAGE = 100
WINDOWS = 3
"""Of a type, in a night: a call each, and one more for each object that is here and that the page lacks."""
FADING, LEAST = 0.9, 0.1
"""A month weighs so much of the next newer one, and never less than the least: most changes happen to what is new."""
NEVER_VERIFIED = 4
"""So many times as much weighs a month that nobody has ever compared or read whole."""


def sample_steps(types: Sequence[str], now: datetime, random: Random) -> list[Step]:
    """Windows of creation to compare: lists of one page, {"type", "filters": {"created": {"gte", "lt"}}, "pages": 1}.

    `types`: those that Stripe lists by creation. A window lies in one month and holds about as many objects here as a
    page; where Stripe has more in it, its newest hundred are compared. Of months that hold nothing here all is asked:
    that is how a type that never came is noticed. One query for all, one a type and two a window at most.
    """
    verified: dict[str, set[date]] = {}
    for type_name, month in ListedMonth.objects.filter(type__in=types).values_list("type", "month"):
        verified.setdefault(type_name, set()).add(month)
    return [
        {"type": type_name, "filters": {"created": _window(type_name, month, random)}, "pages": 1}
        for type_name in types
        for month in _months(type_name, verified.get(type_name, set()), now, random)
    ]


def _months(type_name: str, verified: set[date], now: datetime, random: Random) -> list[date]:
    """A few different months between the oldest that anything is known of and now, newest first."""
    alive = ObjectState.objects.filter(type=type_name, deleted_at=None)
    oldest = alive.aggregate(oldest=Min("created_at"))["oldest"]
    newest = month_of(now, UTC)
    first = min([newest, *verified, *([month_of(oldest, UTC)] if oldest else [])])
    months, month = [], newest
    while month >= first:
        months.append(month)
        month = add_months(month, -1)
    weights = {
        month: max(LEAST, FADING**age) * (1 if month in verified else NEVER_VERIFIED)
        for age, month in enumerate(months)
    }
    chosen: set[date] = set()
    while len(chosen) < min(WINDOWS, len(months)):
        left = [month for month in months if month not in chosen]
        chosen |= set(random.choices(left, [weights[month] for month in left]))
    return sorted(chosen, reverse=True)


def _window(type_name: str, month: date, random: Random) -> dict[str, int]:
    """The whole month where a page may hold it, else a stretch of it in which a page's worth of objects is here."""
    since, until = bounds(month, UTC)
    alive = ObjectState.objects.filter(type=type_name, deleted_at=None, created_at__gte=since, created_at__lt=until)
    here = alive.count()
    if here > A_PAGE:
        times = alive.order_by("created_at", "object_id").values_list("created_at", flat=True)
        begin = random.randrange(here - A_PAGE + 1)
        stretch = [at for at in times[begin : begin + A_PAGE] if at]
        return {"gte": int(stretch[0].timestamp()), "lt": int(stretch[-1].timestamp()) + 1}
    return {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
