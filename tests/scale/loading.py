"""Fills an empty database with a business of a given size.

`python -m tests.scale.loading small|medium|full`, into the database that DATABASE_URL names, with
PAYDESK_DEMO=1, so that dj-stripe's tables are made from its models.
"""

import os
import sys
import time
from collections.abc import Callable
from itertools import batched
from typing import Any

import psycopg

from tests.scale.sizes import SIZES, Size

Say = Callable[[str], object]
TABLES = """
    SELECT oid::regclass::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
"""


def load(url: str, size: Size, say: Say = lambda text: None) -> dict[str, float]:
    """Seconds of each step. Django is set up with the same database, and its tables are there."""
    from django.db import connections

    from finances.mirror.rebuild import put_right
    from finances.models import Subscription
    from finances.totals.rebuilding import rebuild_totals
    from tests.scale import crowds
    from tests.scale.business import make_business
    from tests.scale.moulds import read_families, tables
    from tests.scale.multiplying import numbers_of, plan_of, write_copies
    from tests.scale.sample import differences
    from tests.scale.structure import taken_down

    steps = _Steps(say)
    make_business(size.moulds)
    if size.crowds:
        crowds.make_one_of_each()
    connections.close_all()
    steps.done("moulds")
    chosen = tables(whole=size.whole)
    with psycopg.connect(url) as connection:
        connection.execute("SET timezone = 'UTC'")
        families = read_families(connection, chosen)
        plan = plan_of(families, size, numbers_of(connection))
    steps.done("templates")
    with taken_down(url, [table.name for table in chosen] + (crowds.tables() if size.crowds else [])):
        steps.done("indexes taken down")
        write_copies(url, chosen, plan, os.cpu_count() or 1)
        steps.done("rows")
        if size.crowds:
            crowds.write_crowds(url)
            steps.done("crowds")
    steps.done("indexes")
    tidy(url)
    steps.done("vacuum and analyze")
    # A copy may have fewer invoices than its mould, and not the one since which that is unpaid.
    unpaid = Subscription.objects.filter(status="unpaid").order_by("id").values_list("id", flat=True)
    for ids in batched(list(unpaid), 500, strict=False):
        put_right("subscription", ids)
    steps.done("unpaid ones dated")
    for _ in rebuild_totals():  # what differs is put right
        pass
    steps.done("daily totals")
    if size.whole and (wrong := differences()):
        raise RuntimeError("Copies are not what the mirror writes:\n" + "\n".join(wrong[:20]))
    steps.done("a sample checked")
    return steps.seconds


def tidy(url: str) -> None:
    """As autovacuum would leave it: which rows all can see, what the planner knows, what the sequences give next."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '700MB'")
        for (table,) in connection.execute(TABLES).fetchall():
            # dj-stripe's rows are looked up one by one: nothing is read of them that a vacuum would make cheaper.
            ours = not table.startswith("djstripe_")
            connection.execute(f"{'VACUUM (ANALYZE, INDEX_CLEANUP OFF)' if ours else 'ANALYZE'} {table}")
            if not ours and _has_sequence(connection, table):
                connection.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'djstripe_id'),"
                    f" greatest((SELECT max(djstripe_id) FROM {table}), 1))"
                )


def _has_sequence(connection: psycopg.Connection[Any], table: str) -> bool:
    query = "SELECT FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'djstripe_id'"
    return connection.execute(query, [table]).fetchone() is not None


class _Steps:
    def __init__(self, say: Say) -> None:
        self._say = say
        self._last = time.monotonic()
        self.seconds: dict[str, float] = {}

    def done(self, name: str) -> None:
        now = time.monotonic()
        self.seconds[name] = round(now - self._last, 1)
        self._last = now
        self._say(f"{name}: {self.seconds[name]:g} s")


def main(name: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    import django

    django.setup()
    from dashboard.demo import make_tables

    make_tables()
    load(os.environ["DATABASE_URL"], SIZES[name], lambda text: print(f"  ... {text}", flush=True))


if __name__ == "__main__":
    main(sys.argv[1])
