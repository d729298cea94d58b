"""What the tables hold of Stripe, row by row: to be compared with what they hold another time, or to be emptied."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import transaction

from tests import append_only

# Numbers that a database gives, and when and in which order things were read.
BESIDE = {"djstripe_id", "djstripe_created", "djstripe_updated", "ticket", "seen_at"}
# Ours alone, and not Stripe's: the work, what it found, and how it went.
WORK = {
    f"paydesk_{name}"
    for name in (
        *("alert", "catchup", "delivery", "eventwatermark", "incident", "listedmonth", "missingscope", "ratebudget"),
        *("refusedposts", "replay", "replayeddelivery", "resyncfinding", "resyncpart", "resyncrun", "ticket"),
        *("wakeup", "workerheartbeat"),
        # Of our rows, and as far as a worker has come: see tests/finances/totals.
        *("dailyattempts", "dailyproductrevenue", "dailyrecurring", "dailyrefunds", "dailyrevenue", "dailysubscribers"),
        *("dirtyday", "dirtyproduct", "productuse", "totalszone", "retentionplace"),
    )
} | set(append_only.TABLES)
KEPT = {"paydesk_ticket", "paydesk_wakeup", *append_only.TABLES}


def contents(cursor: Any, tables: Iterable[str]) -> Counter[str]:
    """Of all rows that come from Stripe: "table id digest", each so often as it is there.

    `cursor` is Django's or psycopg's; `tables` are all that there are.
    """
    found: Counter[str] = Counter()
    points_at = _by_number()
    names: dict[str, dict[int, str]] = {}
    for table in {pointed for columns in points_at.values() for pointed in columns.values()}:
        cursor.execute(f'SELECT djstripe_id, id FROM "{table}"')
        names[table] = dict(cursor.fetchall())
    for table in sorted(_of_the_product(tables) - WORK):
        cursor.execute(f'SELECT * FROM "{table}"')
        columns = [column[0] for column in cursor.description]
        for values in cursor:
            row = dict(zip(columns, values, strict=True))
            for column, pointed in points_at.get(table, {}).items():
                row[column] = names[pointed].get(row[column])
            name = row.get("id") if isinstance(row.get("id"), str) else row.get("object_id", "")
            said = {
                column: _plain(value)
                for column, value in row.items()
                if column not in BESIDE and not (column == "id" and isinstance(value, int))
            }
            text = json.dumps(said, sort_keys=True, default=str)
            found[f"{table} {name} {hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"] += 1
    return found


def unlike(one: Counter[str], other: Counter[str]) -> list[str]:
    """The rows that are in one of them only, by table and id; the first twenty."""
    differing = {line.rpartition(" ")[0] for line in (one - other) + (other - one)}
    return sorted(differing)[:20]


def tables_of(connection: Any) -> list[str]:
    with connection.cursor() as cursor:
        return connection.introspection.table_names(cursor)


def empty(connection: Any) -> None:
    """Row by row, where there are any: to truncate every table takes PostgreSQL five seconds."""
    tables = _of_the_product(tables_of(connection)) - KEPT
    with transaction.atomic(), connection.cursor() as cursor, append_only.behind_its_back(connection):
        for table in reversed(append_only.TABLES):  # what refers to others comes last there
            cursor.execute(f"DELETE FROM {table}")
        connection.check_constraints()  # now: PostgreSQL puts no trigger back while a check is pending
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'DELETE FROM "{table}"')
        cursor.execute("UPDATE paydesk_wakeup SET pending = %s, asked_at = NULL", [False])


def _of_the_product(tables: Iterable[str]) -> set[str]:
    return {table for table in tables if table.startswith(("djstripe_", "paydesk_"))}


def _by_number() -> dict[str, dict[str, str]]:
    """By table, the columns that name a row by the number that the database gave it, and in which table it is."""
    return {
        model._meta.db_table: {
            field.column: field.related_model._meta.db_table
            for field in model._meta.concrete_fields
            if field.is_relation and field.target_field.name == "djstripe_id"
        }
        for model in apps.get_app_config("djstripe").get_models(include_auto_created=True)
    }


def _plain(value: Any) -> Any:
    """JSON is text to one driver and an object to another."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value
