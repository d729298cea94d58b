"""The only place where time is bucketed: into days and months of the account's zone, which is settings.TIME_ZONE."""

from datetime import UTC, date, datetime, timedelta, tzinfo


def day_of(moment: datetime, zone: tzinfo) -> date:
    """The day that an aware moment falls into, in `zone`."""
    return moment.astimezone(zone).date()


def month_of(moment: datetime, zone: tzinfo) -> date:
    """The first day of the month that an aware moment falls into, in `zone`."""
    return day_of(moment, zone).replace(day=1)


def add_months(month: date, count: int) -> date:
    """The first day of the month `count` months later; earlier when negative."""
    year, index = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(year, index + 1, 1)


def last_months(now: datetime, count: int, zone: tzinfo) -> list[date]:
    """The first days of the last `count` months, the one that `now` falls into last."""
    current = month_of(now, zone)
    return [add_months(current, -back) for back in reversed(range(count))]


def start_of(day: date, zone: tzinfo) -> datetime:
    """Midnight at the start of a day in `zone`, aware."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def end_of(month: date, zone: tzinfo) -> datetime:
    """The last microsecond of a month in `zone`, aware: what is so at this moment is so at the month's end."""
    return _just_before(add_months(month, 1), zone)


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """The last microsecond of a day in `zone`, aware."""
    return _just_before(day + timedelta(days=1), zone)


def _just_before(day: date, zone: tzinfo) -> datetime:
    return (start_of(day, zone).astimezone(UTC) - timedelta(microseconds=1)).astimezone(zone)


def bounds(month: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The first moment of a month in `zone`, and the first one after it."""
    return start_of(month, zone), start_of(add_months(month, 1), zone)


def days_before(moment: datetime, days: int, zone: tzinfo) -> datetime:
    """The same time of day so many days earlier in `zone`, aware: a day in which clocks change has 23 or 25 hours."""
    if not days:
        return moment
    earlier = moment.astimezone(zone).replace(tzinfo=None) - timedelta(days=days)
    return earlier.replace(tzinfo=zone)
