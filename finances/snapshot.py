"""Several queries that see the tables as of one moment: figures that stand side by side have to fit one another."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Every query in it sees what was committed before the first of them, and nothing that comes later. For reading.

    Where a transaction is open already, it is that one's: on SQLite a snapshot too, on PostgreSQL not.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        # Django's own would take SQLite's write lock, and keep every webhook waiting.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
