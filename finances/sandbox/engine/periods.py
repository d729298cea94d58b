"""Billing periods: weeks, months and years counted from an anchor, as Stripe counts them."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime

MONTHS = {"month": 1, "year": 12}
SECONDS = {"day": 86_400, "week": 7 * 86_400}


def months_after(anchor: int, months: int) -> int:
    """The same day and time that many months on; the 31st becomes the last day of a shorter month."""
    start = datetime.fromtimestamp(anchor, UTC)
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    day = min(start.day, monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


def next_period_end(anchor: int, period_end: int, interval: str, count: int = 1) -> int:
    """The first end after `period_end` that falls on the anchor's rhythm (so a February never shifts the day)."""
    if interval in SECONDS:
        length = SECONDS[interval] * count
        return anchor + ((period_end - anchor) // length + 1) * length
    step = MONTHS[interval] * count
    first, last = datetime.fromtimestamp(anchor, UTC), datetime.fromtimestamp(period_end, UTC)
    passed = (last.year - first.year) * 12 + last.month - first.month
    periods = max(passed // step - 1, 0)
    while (end := months_after(anchor, periods * step)) <= period_end:
        periods += 1
    return end
