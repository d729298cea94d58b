"""Counts that go to a cap, where what was past it a moment ago is not counted again.

To count ten thousand entries of an index takes milliseconds, a list has eight such counts, and their answer is "more
than that" again and again. It would have to lose thousands of rows within a minute to be wrong for as long.
"""

from collections.abc import Callable, Hashable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from finances.reads import keyset

FOR = timedelta(minutes=1)
MOST_REMEMBERED = 1_000

_past_the_cap: dict[Hashable, datetime] = {}


def capped_counts[Key: Hashable](rows: Mapping[Key, Callable[[], QuerySet[Any]]], now: datetime) -> dict[Key, int]:
    """By key: how many there are, one more than the cap where there are more. One query, none where that is known of
    all of them. A key stands for what is asked for, in this process and for a minute.
    """
    counted = [key for key in rows if not _is_a_crowd(key, now)]
    counts = keyset.capped_counts((rows[key]() for key in counted), keyset.MOST_COUNTED)
    found = dict(zip(counted, counts, strict=True))
    if len(_past_the_cap) > MOST_REMEMBERED:
        forget()
    _past_the_cap.update((key, now) for key, count in found.items() if count > keyset.MOST_COUNTED)
    return {key: found.get(key, keyset.MOST_COUNTED + 1) for key in rows}


def _is_a_crowd(key: Hashable, now: datetime) -> bool:
    known_at = _past_the_cap.get(key)  # in one step: another thread may forget meanwhile
    return known_at is not None and timedelta() <= now - known_at < FOR


def forget() -> None:
    _past_the_cap.clear()
