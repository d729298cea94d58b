"""Rows into one table, all of them by one statement.

PostgreSQL takes an array a column (binary, so that no value becomes text twice) and makes rows of them; `bulk_create`
sends each value by itself, which costs client and server several times the time of the writing. SQLite takes one
prepared statement, again for each row. Both write the same values.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import orjson
from django.db import connection, models
from django.utils import timezone

from finances.statements import server_side_cursor

Json = dict[str, Any]


class JsonText(str):
    """A JSON value as text already: written as it is into a column that holds JSON."""

    __slots__ = ()


class Table:
    """The table of a model. A row is a tuple of values in the order of `names`; what the database numbers is not in it.

    `key`: the column by which a row is known again, next to what Django's `unique_together` names.
    """

    def __init__(self, model: type[models.Model], key: str) -> None:
        meta = model._meta
        fields = [field for field in meta.concrete_fields if not isinstance(field, models.AutoField)]
        self.fields = fields
        self.names = tuple(field.attname for field in fields)
        self.key = self.names.index(key)
        self.values = attrgetter(*self.names)
        self._name = connection.ops.quote_name(meta.db_table)
        # Anybody may call a coupon anything, so dj-stripe holds a coupon's id unique together with its mode only.
        unique = meta.unique_together[0] if meta.unique_together else [key]
        self._unique = {field.attname for field in fields if field.name in unique}
        self._now = [
            index
            for index, field in enumerate(fields)
            if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
        ]
        self._decimals = [
            (index, field.decimal_places)
            for index, field in enumerate(fields)
            if isinstance(field, models.DecimalField)
        ]
        self._json = [index for index, field in enumerate(fields) if isinstance(field, models.JSONField)]

    def row(self, **values: Any) -> tuple[Any, ...]:
        """Of values by column; a column without one has its default."""
        return tuple(values[field.attname] if field.attname in values else field.get_default() for field in self.fields)

    def as_stored(self, row: models.Model) -> tuple[Any, ...]:
        """The row of an instance as the database would give it back: decimals at the column's scale."""
        values = self.values(row)
        if not self._decimals:
            return values
        scaled = list(values)
        for index, places in self._decimals:
            if scaled[index] is not None:
                scaled[index] = round(scaled[index], places)
        return tuple(scaled)

    def upsert(self, rows: Iterable[Sequence[Any]], *, kept: frozenset[str] = frozenset()) -> None:
        """New rows are made, the others become these, but for the columns in `kept`. In the order of their keys, as
        every writer does, so that no two wait for each other in a circle. No key may be in it twice."""
        ordered = sorted(rows, key=itemgetter(self.key))
        if ordered:
            _write(_statement(self, "UPDATE", kept, connection.vendor), self._prepared(ordered))

    def insert(self, rows: Iterable[Sequence[Any]]) -> None:
        """All are new."""
        if listed := list(rows):
            _write(_statement(self, "", frozenset(), connection.vendor), self._prepared(listed))

    def insert_missing(self, rows: Iterable[Sequence[Any]]) -> None:
        """What is there already stays as it is. In the order of their keys."""
        if ordered := sorted(rows, key=itemgetter(self.key)):
            _write(_statement(self, "NOTHING", frozenset(), connection.vendor), self._prepared(ordered))

    def _prepared(self, rows: list[Sequence[Any]]) -> list[Sequence[Any]]:
        """By column."""
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        now = timezone.now()
        for index in self._now:
            columns[index] = [now] * len(rows)
        for index in self._json:
            columns[index] = [as_json(value) for value in columns[index]]
        return columns

    def compile(self, on_conflict: str, kept: frozenset[str], vendor: str) -> "Statement":
        """`on_conflict`: UPDATE, NOTHING, or empty where there can be none."""
        quoted = [connection.ops.quote_name(str(field.column)) for field in self.fields]
        names = ", ".join(quoted)
        if vendor == "postgresql":
            types = [re.sub(r"\(.*\)", "", field.db_type(connection) or "") for field in self.fields]
            arrays = ", ".join(f"%b::{'text' if each == 'jsonb' else each}[]" for each in types)
            chosen = ", ".join(
                f"given.{name}::jsonb" if each == "jsonb" else f"given.{name}"
                for name, each in zip(quoted, types, strict=True)
            )
            values = f"SELECT {chosen} FROM unnest({arrays}) AS given({names})"  # noqa: S608  # nosec B608  # columns' names
        else:
            values = f"VALUES ({', '.join(['%s'] * len(quoted))})"
        sql = f"INSERT INTO {self._name} ({names}) {values}"  # nosec B608  # the same
        target = ", ".join(
            name for field, name in zip(self.fields, quoted, strict=True) if field.attname in self._unique
        )
        if on_conflict == "NOTHING":
            sql += f" ON CONFLICT ({target}) DO NOTHING"
        elif on_conflict == "UPDATE":
            sets = ", ".join(
                f"{name} = excluded.{name}"
                for field, name in zip(self.fields, quoted, strict=True)
                if field.attname not in self._unique | kept
            )
            sql += f" ON CONFLICT ({target}) DO UPDATE SET {sets}"  # nosec B608  # the same
        return Statement(sql, self.fields)


class Statement(NamedTuple):
    sql: str
    fields: list[models.Field]


def table(model: type[models.Model], key: str = "id") -> Table:
    return _table(model, key)


@cache
def _table(model: Any, key: str) -> Table:
    return Table(model, key)


@cache
def _statement(of: Table, on_conflict: str, kept: frozenset[str], vendor: str) -> Statement:
    return of.compile(on_conflict, kept, vendor)


def as_json(value: Any) -> str | None:
    """A JSON value as the text of it. What orjson refuses (numbers past 64 bits, halves of characters) the standard
    library writes, and the database says what it thinks of it."""
    if value is None or isinstance(value, JsonText):
        return value
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value)


def _write(statement: Statement, columns: list[Sequence[Any]]) -> None:
    if connection.vendor == "postgresql":
        with server_side_cursor() as cursor:
            cursor.execute(statement.sql, [list(column) for column in columns])
        return
    # SQLite would keep a text in a column of numbers: Django's fields refuse it, as PostgreSQL does by itself.
    adapted = [
        column if isinstance(field, models.JSONField) else [field.get_db_prep_save(each, connection) for each in column]
        for field, column in zip(statement.fields, columns, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement.sql, list(zip(*adapted, strict=True)))


@contextmanager
def sent_ahead() -> Iterator[None]:
    """Statements inside are sent without waiting for the answer to the one before: PostgreSQL writes one while the next
    is made. What goes wrong is raised at the next answer that is read, or at the end. How many rows a statement touched
    is not known inside."""
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def compress_quickly() -> None:
    """Until the transaction ends, PostgreSQL compresses JSON by lz4 where it was built with it: a fifth of the time
    that its own way takes, for about the same size. What is copied from row to row stays as it is."""
    if connection.vendor == "postgresql" and _has_lz4():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL default_toast_compression = 'lz4'")


@cache
def _has_lz4() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
        found = cursor.fetchone()
    return bool(found and found[0])
