from argparse import ArgumentTypeError
from datetime import UTC, datetime

from django.utils.dateparse import parse_date, parse_datetime


def point_in_time(text: str) -> datetime:
    """An aware time from `2026-11-01` or `2026-11-01T12:00[+01:00]`; UTC unless it says otherwise."""
    try:
        day = parse_date(text)
        moment = datetime(day.year, day.month, day.day) if day else parse_datetime(text)  # noqa: DTZ001  (aware below)
    except ValueError:
        moment = None
    if moment is None:
        raise ArgumentTypeError(f"{text!r} is neither a date (2026-11-01) nor a time (2026-11-01T12:00)")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
