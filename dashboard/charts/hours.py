"""An axis of hours: UTC's, written in the viewer's zone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from finances.metrics.deliveries import Hour

A_DAY = 24


def label(at: datetime) -> str:
    """`Tue 24 Nov, 14:00 CET`: with the zone, since an hour that summer time repeats is two."""
    at = timezone.localtime(at)
    return f"{date_format(at, 'D j M')}, {at:%H:%M %Z}"


def hours_axis(hours: Sequence[Hour]) -> dict[str, Any]:
    """Every third hour is named on an axis of a day, each midnight on a longer one."""
    named = []
    for hour in hours:
        at = timezone.localtime(hour.at)
        if len(hours) <= A_DAY:
            if at.hour % 3 == 0:
                named.append((label(hour.at), f"{at:%H:%M}"))
        elif at.hour == 0:
            named.append((label(hour.at), date_format(at, "D j")))
    return {"type": "category", "tickvals": [at for at, _ in named], "ticktext": [words for _, words in named]}
