"""Keys, constraints and indexes, taken down before rows come by the million and put back after them."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg

# Not `public` alone: whichever schema the connection looks into first.
CONSTRAINTS = """
    SELECT c.conrelid::regclass::text, c.conname, c.contype::text, pg_get_constraintdef(c.oid)
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE c.contype IN ('f', 'p', 'u') AND t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r'
    ORDER BY c.contype DESC, c.conname
"""
INDEXES = """
    SELECT i.indrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indexrelid::regclass::text
    FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
    WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r'
      AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u'))
"""
TABLES = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relpersistence = 'p'
"""
BUILDERS = 2
MEMORY = "SET maintenance_work_mem = '700MB'"


class Statement(NamedTuple):
    table: str
    text: str


@contextmanager
def taken_down(url: str, loaded: Iterable[str]) -> Iterator[None]:
    """Within, the tables `loaded` have neither keys nor indexes, and none has a foreign key.

    All tables are unlogged from then on: what is written once and only read again needs no write-ahead log. After a
    crash of the server they would be empty.
    """
    loaded = set(loaded)
    with psycopg.connect(url, autocommit=True) as connection:
        constraints = connection.execute(CONSTRAINTS).fetchall()
        foreign = [Statement(row[0], _constraint(row)) for row in constraints if row[2] == "f"]
        keys = [Statement(row[0], _constraint(row)) for row in constraints if row[2] != "f" and row[0] in loaded]
        indexes = [row for row in connection.execute(INDEXES).fetchall() if row[0] in loaded]
        for row in constraints:
            if row[2] == "f":
                connection.execute(f"ALTER TABLE {row[0]} DROP CONSTRAINT {row[1]}")
        for row in connection.execute(TABLES).fetchall():
            connection.execute(f"ALTER TABLE {row[0]} SET UNLOGGED")
        for row in constraints:
            if row[2] != "f" and row[0] in loaded:
                connection.execute(f"ALTER TABLE {row[0]} DROP CONSTRAINT {row[1]}")
        for row in indexes:
            connection.execute(f"DROP INDEX {row[2]}")
        _let_autovacuum_look_at(connection, loaded, "SET (autovacuum_enabled = false)")
    yield
    _beside_one_another(url, [*keys, *(Statement(row[0], row[1]) for row in indexes)])
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in foreign:
            # Not looked through: a sample of the copies is, row by row, against the mirror itself.
            connection.execute(f"{statement.text} NOT VALID")
        _let_autovacuum_look_at(connection, loaded, "RESET (autovacuum_enabled)")


def _let_autovacuum_look_at(connection: psycopg.Connection, tables: Iterable[str], change: str) -> None:
    """Not while rows come in: it would read again and again what is looked through once when all are there."""
    for table in tables:
        connection.execute(f"ALTER TABLE {table} {change}")


def _constraint(row: tuple[Any, ...]) -> str:
    return f"ALTER TABLE {row[0]} ADD CONSTRAINT {row[1]} {row[3]}"


def _beside_one_another(url: str, statements: list[Statement]) -> None:
    """A table's keys come first, since nothing else may touch it meanwhile; then indexes, the largest tables first."""
    with psycopg.connect(url, autocommit=True) as connection:
        sizes = {
            table: connection.execute("SELECT pg_relation_size(%s::regclass)", [table]).fetchone()[0]  # type: ignore[index]
            for table in {each.table for each in statements}
        }
    by_table: dict[str, list[str]] = {}
    for each in statements:
        by_table.setdefault(each.table, []).append(each.text)
    waiting = sorted(by_table, key=lambda table: sizes[table])
    failures: list[BaseException] = []

    def build() -> None:
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(MEMORY)
                connection.execute("SET max_parallel_maintenance_workers = 0")
                while waiting:
                    for text in by_table[waiting.pop()]:
                        connection.execute(text)
        except BaseException as error:
            failures.append(error)

    builders = [threading.Thread(target=build) for _ in range(BUILDERS)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    if failures:
        raise failures[0]
