"""Newest-first pages that cost the same at any depth: from the last row seen, not by OFFSET.

A cursor is opaque and names the row beside which a page begins. One that does not read is ignored and said so.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection, models
from django.db.models import Q, QuerySet


@dataclass(frozen=True)
class KeysetPage[Row: models.Model]:
    """`newer` and `older`: cursors for `?before=` and `?after=`; None where there is nothing on that side."""

    rows: list[Row]
    newer: str | None
    older: str | None
    bad_cursor: bool = False


def page[Row: models.Model](
    queryset: QuerySet[Row],
    *,
    order: tuple[str, str] = ("created_at", "id"),
    after: str | None = None,
    before: str | None = None,
    size: int = 50,
) -> KeysetPage[Row]:
    """Rows by `order` (a time and the primary key), both descending, older than `after` or newer than `before`."""
    cursor = after or before
    position = _read(cursor, queryset.model, order) if cursor else None
    bad = bool(cursor) and position is None
    going_newer = position is not None and not after

    sign = "" if going_newer else "-"
    rows = queryset.order_by(*(sign + name for name in order))
    if position is not None:
        rows = rows.filter(_beyond(position, order, "gt" if going_newer else "lt"))
    found = list(rows[: size + 1])
    more, found = len(found) > size, found[:size]
    if going_newer:
        found.reverse()
    if not found:
        return KeysetPage([], None, None, bad)
    has_newer = more if going_newer else position is not None
    has_older = True if going_newer else more
    return KeysetPage(
        found,
        newer=cursor_of(found[0], order) if has_newer else None,
        older=cursor_of(found[-1], order) if has_older else None,
        bad_cursor=bad,
    )


def every[Row: models.Model](
    queryset: QuerySet[Row], *, order: tuple[str, str] = ("created_at", "id"), size: int = 1000
) -> Iterator[list[Row]]:
    """All rows by `order`, so many at a time, for what is too long to hold at once. A query for each page."""
    after: str | None = None
    while True:
        found = page(queryset, order=order, after=after, size=size)
        if found.rows:
            yield found.rows
        if found.older is None:
            return
        after = found.older


MOST_COUNTED = 10_000
"""What is more is written "10,000+"."""


def capped_count(queryset: QuerySet[Any], cap: int = MOST_COUNTED) -> int:
    """How many rows, counted no further than `cap` + 1."""
    return _up_to(cap, queryset).count()


def capped_counts(querysets: Iterable[QuerySet[Any]], cap: int = MOST_COUNTED) -> list[int]:
    """The same of each of several, in one query: what is asked for together costs one way there and back."""
    parts: list[str] = []
    parameters: list[Any] = []
    for queryset in querysets:
        try:
            sql, values = _up_to(cap, queryset).query.sql_with_params()
        except EmptyResultSet:
            sql, values = "SELECT 1 WHERE 1 = 0", ()
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS counted)")  # noqa: S608  # nosec B608  # Django's own SQL
        parameters += values
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", parameters)
        return list(cursor.fetchone())


def _up_to(cap: int, queryset: QuerySet[Any]) -> QuerySet[Any]:
    return queryset.order_by().values("pk")[: cap + 1]


def _beyond(position: tuple[datetime, Any], order: tuple[str, str], than: str) -> Q:
    # The first condition is implied by the second and lets the index start in the right place.
    time_name, key_name = order
    moment, key = position
    return Q(**{f"{time_name}__{than}e": moment}) & (
        Q(**{f"{time_name}__{than}": moment}) | Q(**{time_name: moment, f"{key_name}__{than}": key})
    )


def cursor_of(row: Any, order: tuple[str, str] = ("created_at", "id")) -> str:
    """What `after` and `before` take, for the page beside this row."""
    moment, key = getattr(row, order[0]), getattr(row, order[1])
    text = json.dumps([moment.isoformat(), str(key)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, model: type[models.Model], order: tuple[str, str]) -> tuple[datetime, Any] | None:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        moment_text, key_text = json.loads(text)
        moment = datetime.fromisoformat(moment_text)
        key = model._meta.pk.to_python(key_text)
    except (ValueError, TypeError, binascii.Error, ValidationError, RecursionError):
        return None
    if moment.tzinfo is None or not isinstance(key_text, str) or "\x00" in key_text:
        return None
    return moment, key
