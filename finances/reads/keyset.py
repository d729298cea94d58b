"""Pages of a list that cost the same at any depth: from the last row seen, not by OFFSET.

A cursor is opaque and names the row beside which a page begins. One that does not read is ignored and said so.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection, models
from django.db.models import F, Func, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Lower


@dataclass(frozen=True)
class Order:
    """By one column and, where that is the same, by the primary key, both in one direction: one index of the two serves
    both directions.

    What is empty, NULL or a text without a character, stands last in either: nobody sorts to see what is not there.
    `folded`: a text whatever its capitals; its index is of `Lower`. `gathered`: all rows are read and then sorted,
    since there are few. An index that has the order would be walked past those that do not match, and those that do may
    stand at its far end: PostgreSQL takes them for evenly spread.
    """

    column: str
    descending: bool = True
    key: str = "id"
    folded: bool = False
    gathered: bool = False

    @property
    def name(self) -> str:
        """Of what is compared: the column, or what `arranged` adds to a row."""
        if self.folded:
            return f"{self.column}_folded"
        return f"{self.column}_gathered" if self.gathered else self.column

    def arranged[Row: models.Model](self, rows: QuerySet[Row], *, backwards: bool = False) -> QuerySet[Row]:
        # Twice the same is what no index has.
        value = Lower(self.column) if self.folded else F(self.column)
        if self.folded or self.gathered:
            rows = rows.annotate(**{self.name: Coalesce(value, value) if self.gathered else value})
        sign = "-" if self.descending != backwards else ""
        return rows.order_by(sign + self.name, sign + self.key)


NEWEST_FIRST = Order("created_at")


@dataclass(frozen=True)
class KeysetPage[Row: models.Model]:
    """`newer` and `older`: cursors for `?before=` and `?after=`, in another order than by time for what comes before
    and after; None where there is nothing on that side."""

    rows: list[Row]
    newer: str | None
    older: str | None
    bad_cursor: bool = False


class _Position(NamedTuple):
    """Of a row. `value`: None where it is empty."""

    value: Any
    key: Any


def page[Row: models.Model](
    queryset: QuerySet[Row],
    *,
    order: Order = NEWEST_FIRST,
    after: str | None = None,
    before: str | None = None,
    size: int = 50,
) -> KeysetPage[Row]:
    """Rows in `order`, those that come after `after` or before `before`.

    One query; a second one where the column may be empty and what is not does not fill the page.
    """
    if connection.vendor != "postgresql":  # SQLite would compare a number with a text, where it is no column's
        order = replace(order, gathered=False)
    cursor = after or before
    position = _read(cursor, queryset.model, order) if cursor else None
    bad = bool(cursor) and position is None
    backwards = position is not None and not after

    found: list[Row] = []
    for rows in _parts(queryset, order, position, backwards):
        found += rows[: size + 1 - len(found)]
        if len(found) > size:
            break
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return KeysetPage([], None, None, bad)
    has_newer = more if backwards else position is not None
    has_older = True if backwards else more
    return KeysetPage(
        found,
        newer=cursor_of(found[0], order) if has_newer else None,
        older=cursor_of(found[-1], order) if has_older else None,
        bad_cursor=bad,
    )


def every[Row: models.Model](
    queryset: QuerySet[Row], *, order: Order = NEWEST_FIRST, size: int = 1000
) -> Iterator[list[Row]]:
    """All rows in `order`, so many at a time, for what is too long to hold at once. A query for each page."""
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
    return counts([_up_to(cap, queryset) for queryset in querysets])


def counts(querysets: Iterable[QuerySet[Any]]) -> list[int]:
    """How many rows each of them has, in one query."""
    parts: list[str] = []
    parameters: list[Any] = []
    for queryset in querysets:
        try:
            sql, values = queryset.query.sql_with_params()
        except EmptyResultSet:
            sql, values = "SELECT 1 WHERE 1 = 0", ()
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS counted)")  # noqa: S608  # nosec B608  # Django's own SQL
        parameters += values
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", parameters)
        return list(cursor.fetchone())


def up_to_cap(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """What is counted of it."""
    return _up_to(MOST_COUNTED, queryset)


def _up_to(cap: int, queryset: QuerySet[Any]) -> QuerySet[Any]:
    return queryset.order_by().values("pk")[: cap + 1]


def _parts[Row: models.Model](
    queryset: QuerySet[Row], order: Order, position: _Position | None, backwards: bool
) -> list[QuerySet[Row]]:
    """What lies beyond the position, as it is read: first what stands nearest to it.

    What is empty is asked for by itself: in one query with the rest it would need an index for either direction.
    """
    rows = order.arranged(queryset, backwards=backwards)
    than = "lt" if order.descending != backwards else "gt"
    filled, empty = _filled_and_empty(queryset.model, order)
    parts = [rows.filter(filled)] if empty is None else [rows.filter(filled), rows.filter(empty)]
    if position is None:
        return parts
    if position.value is None:
        beyond = parts[-1].filter(**{f"{order.key}__{than}": position.key})
        return [beyond, parts[0]] if backwards else [beyond]
    beyond = parts[0].filter(_beyond(position, order, than, queryset.model))
    return [beyond] if backwards else [beyond, *parts[1:]]


def _filled_and_empty(model: type[models.Model], order: Order) -> tuple[Q, Q | None]:
    """The second is None for a column that is never empty."""
    field = model._meta.get_field(order.column)
    if isinstance(field, models.CharField | models.TextField):
        return Q(**{f"{order.name}__gt": ""}), Q(**{order.name: ""})
    if field.null:
        return Q(**{f"{order.column}__isnull": False}), Q(**{f"{order.column}__isnull": True})
    return Q(), None


class _Row(Func):
    """Whether two values come after two others, compared as one row: an index of both begins at the very place, where
    very many rows have the same first value."""

    output_field = models.BooleanField()
    conditional = True

    def as_sql(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override]
        sides = [compiler.compile(each) for each in self.get_source_expressions()]
        (name, key, value, its_key), parameters = zip(*sides, strict=True)
        sql = f"({name}, {key}) {self.extra['sign']} ({value}, {its_key})"
        return sql, tuple(each for some in parameters for each in some)


def _beyond(position: _Position, order: Order, than: str, model: type[models.Model]) -> Q:
    if connection.vendor == "postgresql":
        field: Any = models.TextField() if order.folded else model._meta.get_field(order.column)
        its_value, its_key = Value(position.value, field), Value(position.key, models.TextField())
        return Q(_Row(F(order.name), F(order.key), its_value, its_key, sign="<" if than == "lt" else ">"))
    # The first condition is implied by the second and lets the index start in the right place.
    name, key = order.name, order.key
    return Q(**{f"{name}__{than}e": position.value}) & (
        Q(**{f"{name}__{than}": position.value}) | Q(**{name: position.value, f"{key}__{than}": position.key})
    )


def cursor_of(row: Any, order: Order = NEWEST_FIRST) -> str:
    """What `after` and `before` take, for the page beside this row."""
    value = getattr(row, order.name)
    written = None if value in (None, "") else value.isoformat() if hasattr(value, "isoformat") else str(value)
    # Escapes would treble a name in other letters than Latin ones, and servers take no address beyond 4,094 characters.
    text = json.dumps([written, str(getattr(row, order.key))], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, model: type[models.Model], order: Order) -> _Position | None:
    """None where it does not read: it may be of another order, and it may be anything."""
    try:
        value, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        position = _Position(
            None if value is None else _value(value, model._meta.get_field(order.column)), _value(key, model._meta.pk)
        )
    except (ValueError, TypeError, binascii.Error, ArithmeticError, ValidationError, RecursionError):
        return None
    empty_is_possible = _filled_and_empty(model, order)[1] is not None
    return position if position.value is not None or empty_is_possible else None


def _value(text: Any, field: Any) -> Any:
    """Raises what `_read` knows for what no row of that column can hold."""
    if not isinstance(text, str) or not text or "\x00" in text:
        raise ValueError("No value of a row is written so.")
    text.encode()  # half a character is none
    value = field.to_python(text)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("Times are aware.")
        value.astimezone(UTC)  # or it is further out than databases go
    elif not isinstance(value, str):
        field.run_validators(value)
    return value
