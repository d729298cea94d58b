"""The triggers of the audit trail, which also refuse the emptying of all tables after a transactional test."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

TABLES = ("paydesk_auditentry", "paydesk_auditseal", "paydesk_sealedentry", "paydesk_auditpersonal")


def let_a_flush_through(connection) -> None:
    """From now on `flush` takes the triggers away and puts them back, in its own transaction. Nothing else does.

    On PostgreSQL it also empties only what is not empty: to truncate two hundred tables and their indexes, of which a
    test has filled ten, was most of what a flush took.
    """
    plain = connection.ops.sql_flush

    def sql_flush(style, tables, **options) -> list[str]:
        away, back = _statements(connection)
        if connection.vendor == "postgresql" and not options.get("reset_sequences"):
            # No trigger is put back while a check of a row is pending.
            return [*away, *_deletions(connection, tables), "SET CONSTRAINTS ALL IMMEDIATE", *back]
        return [*away, *plain(style, tables, **options), *back]

    connection.ops.sql_flush = sql_flush


@contextmanager
def behind_its_back(connection) -> Iterator[None]:
    """What somebody can do to the trail who may change the database's tables."""
    away, back = _statements(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # it alters no table of which a row is still to be checked
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in away:
            cursor.execute(statement)
        yield
        for statement in back:
            cursor.execute(statement)


def _deletions(connection, tables: Iterable[str]) -> list[str]:
    """Those that the deletion of others fills, by a trigger, come last."""
    from finances.totals import triggers

    marks = set(tables) & triggers.COLUMNS.keys()
    asked = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in sorted(set(tables) - marks)
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        filled = [table for (table,) in cursor.fetchall()]
    return [f'DELETE FROM "{table}"' for table in (*filled, *sorted(marks))]


def _statements(connection) -> tuple[list[str], list[str]]:
    if connection.vendor == "postgresql":
        away = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in TABLES]
        return away, [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for table, name, _ in standing(connection)]
    triggers = standing(connection)
    return [f"DROP TRIGGER {name}" for _, name, _ in triggers], [sql for _, _, sql in triggers]


def standing(connection) -> list[tuple[str, str, str]]:
    """(table, name, the statement that makes it on SQLite) of each trigger on the trail."""
    sql = (
        "SELECT relname, tgname, '' FROM pg_trigger JOIN pg_class ON tgrelid = pg_class.oid WHERE NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row for row in cursor.fetchall() if row[0] in TABLES]
