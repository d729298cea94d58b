"""What marks a day, or a product: triggers of the tables that are summed, so that nobody who writes can forget to.

The mirror, a rebuild, an earlier release that still runs while this one is deployed, a person in psql: whoever writes
a row marks, in the same transaction, the day that it was on and the day that it is on now. On PostgreSQL once a
statement, on SQLite once a row.
"""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from django.db import connections, transaction

from finances.models import TotalsZone

PREFIX = "paydesk_marks_"
DAYS = "paydesk_dirtyday"
PRODUCTS = "paydesk_dirtyproduct"
COLUMNS = {DAYS: ("kind", "day"), PRODUCTS: ("product_id",)}
"""Of marks, by their table."""
_EVERY_PRODUCT = f"""
    INSERT INTO {PRODUCTS} (product_id)
    SELECT product_id FROM paydesk_subscriptionitem UNION SELECT product_id FROM paydesk_productuse
"""  # noqa: S608  # nosec B608  # our own names


class Watched(NamedTuple):
    """A table, the columns that its marks are made of, and the days that are marked as `kind`: (a moment, the tables
    that it stands in), where `{rows}` are those that are written. `marks`: of products there is no kind, and an id in
    the place of a moment."""

    table: str
    columns: tuple[str, ...]
    kind: str
    marked: tuple[tuple[str, str], ...]
    marks: str = DAYS


WATCHED = (
    Watched("paydesk_invoice", ("paid_at",), "revenue", (("r.paid_at", "{rows} r"),)),
    Watched(
        "paydesk_invoiceline",
        ("invoice_id",),
        "revenue",
        (("i.paid_at", "{rows} r JOIN paydesk_invoice i ON i.id = r.invoice_id"),),
    ),
    Watched("paydesk_refund", ("created_at",), "refunds", (("r.created_at", "{rows} r"),)),
    Watched("paydesk_charge", ("created_at",), "attempts", (("r.created_at", "{rows} r"),)),
    Watched(
        "paydesk_subscription",
        ("customer_id", "paying_since", "paying_until"),
        "subscriptions",
        (
            ("r.paying_since", "{rows} r"),
            ("r.paying_until", "{rows} r"),
            # Who is new with one subscription comes back with it once an earlier one is known. Whoever writes one holds
            # its customer's state row, so that two of a customer are written one after the other.
            ("s.paying_since", "{rows} r JOIN paydesk_subscription s ON s.customer_id = r.customer_id"),
            ("s.paying_until", "{rows} r JOIN paydesk_subscription s ON s.customer_id = r.customer_id"),
        ),
    ),
    Watched("paydesk_subscriptionitem", ("product_id",), "", (("r.product_id", "{rows} r"),), PRODUCTS),
    Watched(
        "paydesk_subscription",
        ("id",),
        "",
        (("t.product_id", "{rows} r JOIN paydesk_subscriptionitem t ON t.subscription_id = r.id"),),
        PRODUCTS,
    ),
)


def put_up(using: str) -> bool:
    """The triggers, where one is missing or says something else. Whether one was: then nobody knows what was written
    meanwhile, and all is summed anew."""
    connection = connections[using]
    if not COLUMNS.keys() <= set(connection.introspection.table_names()):
        return False
    wanted = dict(_statements(connection.vendor))
    if wanted.keys() == _standing(connection):
        return False
    with transaction.atomic(using=using), connection.cursor() as cursor:
        _take_down(connection, cursor)
        for statements in wanted.values():
            for statement in statements:
                cursor.execute(statement)
        TotalsZone.objects.using(using).all().delete()
        cursor.execute(_EVERY_PRODUCT)
    return True


def take_down(using: str) -> None:
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        _take_down(connection, cursor)


def missing(using: str = "default") -> list[str]:
    """The names of the triggers that should be there and are not. One query."""
    connection = connections[using]
    return sorted(dict(_statements(connection.vendor)).keys() - _standing(connection))


def _standing(connection) -> set[str]:
    """By name. One that is switched off does not stand."""
    sql = (
        "SELECT tgname FROM pg_trigger JOIN pg_class ON tgrelid = pg_class.oid "
        "WHERE NOT tgisinternal AND tgenabled <> 'D' AND relnamespace = current_schema()::regnamespace"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {name for (name,) in cursor.fetchall() if name.startswith(PREFIX)}


def _take_down(connection, cursor) -> None:
    if connection.vendor == "sqlite":
        for name in _standing(connection):
            cursor.execute(f"DROP TRIGGER {name}")
        return
    cursor.execute(
        "SELECT p.oid::regprocedure FROM pg_proc p WHERE pronamespace = current_schema()::regnamespace "
        "AND starts_with(proname, %s)",
        [PREFIX],
    )
    for (function,) in cursor.fetchall():
        cursor.execute(f"DROP FUNCTION {function} CASCADE")  # with its triggers, switched off or not


def _statements(vendor: str) -> Iterator[tuple[str, list[str]]]:
    """Each trigger's name, which ends in a digest of what it does, and what makes it."""
    for watched in WATCHED:
        yield from (_on_postgresql if vendor == "postgresql" else _on_sqlite)(watched)


def _on_postgresql(watched: Watched) -> Iterator[tuple[str, list[str]]]:
    def marks(*tables: str) -> str:
        union = " UNION ".join(_select(watched, "(({}) AT TIME ZONE 'UTC')::date", table) for table in tables)
        return f"INSERT INTO {watched.marks} ({', '.join(COLUMNS[watched.marks])}) {union};"

    body = (
        f"BEGIN IF TG_OP = 'INSERT' THEN {marks('rows_now')} "
        f"ELSIF TG_OP = 'UPDATE' THEN {marks('rows_before', 'rows_now')} "
        f"ELSE {marks('rows_before')} END IF; RETURN NULL; END"
    )
    function = _named(watched.table, body)
    # The search path of now, since a restored dump has none.
    made = f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $${body}$$"
    for place, (event, tables) in enumerate(
        (
            ("INSERT", "NEW TABLE AS rows_now"),
            ("UPDATE", "OLD TABLE AS rows_before NEW TABLE AS rows_now"),
            ("DELETE", "OLD TABLE AS rows_before"),
        )
    ):
        name = f"{function}_{event.lower()}"
        trigger = (
            f"CREATE TRIGGER {name} AFTER {event} ON {watched.table} REFERENCING {tables} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )
        yield name, [made, trigger] if place == 0 else [trigger]


def _on_sqlite(watched: Watched) -> Iterator[tuple[str, list[str]]]:
    def marks(row: str) -> str:
        columns = ", ".join(f"{row}.{column} AS {column}" for column in watched.columns)
        union = _select(watched, "substr({}, 1, 10)", f"(SELECT {columns})")
        names = COLUMNS[watched.marks]
        same = " AND ".join(f"d.{name} = m.{name}" for name in names)
        # Those that are there already are enough: no other writer is under way who could take them away.
        return (
            f"INSERT INTO {watched.marks} ({', '.join(names)}) "  # noqa: S608  # nosec B608  # our own names
            f"SELECT {', '.join(f'm.{name}' for name in names)} FROM ({union}) AS m "
            f"WHERE NOT EXISTS (SELECT 1 FROM {watched.marks} d WHERE {same});"
        )

    for event, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))):
        body = f"AFTER {event} ON {watched.table} BEGIN {' '.join(marks(row) for row in rows)} END"
        name = f"{_named(watched.table, body)}_{event.lower()}"
        yield name, [f"CREATE TRIGGER {name} {body}"]


def _named(table: str, body: str) -> str:
    digest = hashlib.blake2b(body.encode(), digest_size=4).hexdigest()
    return f"{PREFIX}{table.removeprefix('paydesk_')}_{digest}"


def _select(watched: Watched, day: str, rows: str) -> str:
    """The marks of `rows`, each once: a page of a hundred is on a day or two. `day`: how the database takes the day of
    a moment, in UTC."""
    what = "{} AS product_id" if watched.marks == PRODUCTS else f"'{watched.kind}' AS kind, {day} AS day"
    return " UNION ".join(
        f"SELECT DISTINCT {what.format(value)} "  # noqa: S608  # nosec B608  # our own names
        f"FROM {tables.replace('{rows}', rows)} WHERE {value} IS NOT NULL"
        for value, tables in watched.marked
    )
