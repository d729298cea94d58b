"""How PostgreSQL answers what the pages ask: every list, tab, filter, search and order, and pages in the middle; one
object's page, the overview, what the admin lists, what workers did.

Which plan is good is said by what it reads, not by its names. A node may look at so many rows of a table as a capped
count and a page take, whatever the table's size. A sequential scan that stops there is the cheapest way to count to ten
thousand; an index scan that walks a whole table with a filter is as bad as a sequential one. So the statements are
carried out (EXPLAIN ANALYZE), with all ways open to the planner, on tables that are larger than what a node may read:
`tests.scale.crowds` fills those that a business of this size would leave small, dj-stripe's among them.
Forbidding sequential scans would show that there is an index, and not that it is taken.

`python -m tests.scale.plans`: of the database that DATABASE_URL names, prints in JSON what reads most, by list and
condition, and which of our indexes none of it took.
"""

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import django

from tests.scale.list_addresses import list_addresses
from tests.scale.page_addresses import page_addresses

Json = dict[str, Any]
Statement = tuple[str, Any]

MOST_READ = 12_000  # rows of one table by one node: the cap of counts, and a page
WITHOUT_END = ("paydesk_", "djstripe_")  # how tables begin that grow with what Stripe has, or with time
INDEXES = """
    SELECT n.relname FROM pg_index i JOIN pg_class n ON n.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    WHERE n.relnamespace = current_schema()::regnamespace AND NOT i.indisunique
        AND (t.relname LIKE 'paydesk%%' OR n.relname LIKE 'paydesk%%')
"""


class Plan(NamedTuple):
    """`most`: rows of one table by one node. `said`: what reads beyond the bound, empty where nothing does."""

    most: int
    said: str
    indexes: frozenset[str]


def asked(get: Any, address: str) -> list[Statement]:
    """Every SELECT of the page that goes to a table without end."""
    from django.db import connection

    found: list[Statement] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        # A union, as most searches look up what their words mean, begins with a bracket.
        if sql.lstrip("(").startswith("SELECT") and any(f'"{table}' in sql for table in WITHOUT_END):
            found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        response = get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}")
    return found


def alike(statement: Statement) -> str:
    """The same for two that differ in what time it is."""
    sql, params = statement
    now = datetime.now(UTC)
    still = [
        "now" if isinstance(each, datetime) and abs(now - each) < timedelta(hours=1) else each for each in params or ()
    ]
    return repr((sql, still))


def planned(statement: Statement) -> Plan:
    from django.db import connection

    sql, params = statement
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
    plan = json.loads(plan) if isinstance(plan, str) else plan
    nodes = list(_nodes(plan[0]["Plan"]))
    heavy = [
        f"{node['Node Type']} of {node['Relation Name']} reads {_read(node):,} rows"
        for node in nodes
        if _read(node) > MOST_READ
    ]
    said = f"{', '.join(heavy)} ({plan[0]['Execution Time']:.0f} ms): {' '.join(sql.split())[:240]}" if heavy else ""
    return Plan(max(map(_read, nodes)), said, frozenset(node["Index Name"] for node in nodes if "Index Name" in node))


def _nodes(node: Json) -> Iterator[Json]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def _read(node: Json) -> int:
    if not node.get("Relation Name", "").startswith(WITHOUT_END):
        return 0
    a_loop = sum(node.get(f"Rows Removed by {each}", 0) for each in ("Filter", "Index Recheck")) + node["Actual Rows"]
    return round(a_loop * node["Actual Loops"])


def findings() -> Json:
    """`read`: by list and condition, the most that a node read. `beyond`: what reads beyond the bound. `indexes`: ours,
    but for what is unique; `unused`: those of them that no statement took. A statement that several ask counts for the
    first."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group
    from django.db import connection
    from django.test import Client

    from finances.reads import crowds

    user, _ = get_user_model().objects.get_or_create(username="plans@paydesk.test", defaults={"is_staff": True})
    user.groups.add(Group.objects.get(name="Admin"))
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    seen: set[str] = set()
    read: dict[str, int] = {}
    beyond: dict[str, list[str]] = {}
    used: set[str] = set()
    for name, address in (*page_addresses(), *list_addresses()):
        read.setdefault(name, 0)
        crowds.forget()
        # Of a list by conditions the part that HTMX asks for: the same statements, without the shell's around them.
        headers = {"HX-Request": "true", "HX-Target": "results"} if "?" in address else {}
        for statement in asked(partial(client.get, follow=True, headers=headers), address):
            if (once := alike(statement)) in seen:
                continue
            seen.add(once)
            plan = planned(statement)
            read[name] = max(read[name], plan.most)
            used |= plan.indexes
            if plan.said:
                beyond.setdefault(name, []).append(plan.said)
    with connection.cursor() as cursor:
        cursor.execute(INDEXES, [])
        indexes = {row[0] for row in cursor.fetchall()}
    return {"read": read, "beyond": beyond, "indexes": sorted(indexes), "unused": sorted(indexes - used)}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    django.setup()
    json.dump(findings(), sys.stdout)
