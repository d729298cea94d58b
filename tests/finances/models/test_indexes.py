"""What is indexed is what a query asks for."""

import pytest
from django.apps import apps
from django.db import connection

from finances.models import Customer

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.postgresql,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no such indexes"),
]
OURS = ("paydesk", "paydesk_console")
# Of an index: its method and condition, its keys with their operators and collation, in which direction each of them
# stands, and all that it holds, what is included without being a key, too.
DESCRIBED = """
    WITH described AS (
        SELECT i.indrelid, i.indexrelid, n.relname AS name, n.relam, i.indisunique,
            pg_get_expr(i.indpred, i.indrelid) AS condition,
            ARRAY(SELECT row(pg_get_indexdef(i.indexrelid, k, true), i.indclass[k - 1], i.indcollation[k - 1])::text
                FROM generate_series(1, i.indnkeyatts) k ORDER BY k) AS keys,
            ARRAY(SELECT i.indoption[k - 1]::int FROM generate_series(1, i.indnkeyatts) k ORDER BY k) AS directions,
            ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnatts) k) AS held
        FROM pg_index i JOIN pg_class n ON n.oid = i.indexrelid
        WHERE i.indrelid = ANY (SELECT name::regclass FROM unnest(%s::text[]) AS name)
    )
    SELECT one.name, other.name FROM described one JOIN described other USING (indrelid, relam)
    WHERE one.indexrelid <> other.indexrelid
        AND one.condition IS NOT DISTINCT FROM other.condition
        AND one.keys = other.keys[1:cardinality(one.keys)]
        AND one.held <@ other.held
        -- From its end an index gives the other direction, of all its keys at once.
        AND (cardinality(one.keys) = 1 OR one.directions = other.directions[1:cardinality(one.keys)]
            OR one.directions = ARRAY(SELECT 3 - it FROM unnest(other.directions[1:cardinality(one.keys)]) it))
        -- What is unique says more than an order; of two that are the same the later one is named.
        AND (NOT one.indisunique OR other.indisunique AND one.keys = other.keys)
        AND (one.keys <> other.keys OR one.held <> other.held OR one.indisunique <> other.indisunique
            OR one.indexrelid > other.indexrelid)
    ORDER BY 1, 2
"""


def beginnings_of_others() -> list[tuple[str, str]]:
    """(index, the wider one that serves whatever it does)"""
    tables = [model._meta.db_table for label in OURS for model in apps.get_app_config(label).get_models()]
    with connection.cursor() as cursor:
        cursor.execute(DESCRIBED, [tables])
        return cursor.fetchall()


def test_no_table_of_ours_has_the_second_index_for_patterns_that_django_makes_by_itself():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname FROM pg_indexes"
            " WHERE tablename LIKE 'paydesk\\_%%' AND indexdef LIKE '%%\\_pattern\\_ops)'"
        )

        found = [row[0] for row in cursor.fetchall()]

    assert found == [], "end the migration that made them with DropPatternIndexes"


def test_no_index_of_ours_is_the_beginning_of_another_one():
    assert beginnings_of_others() == []


@pytest.mark.parametrize(
    "needless",
    [
        "(country)",
        "(country DESC)",
        "(country, created_at DESC)",
        "(country DESC, created_at)",
        "(country, created_at DESC) INCLUDE (id)",
        "(country, created_at DESC, id DESC)",
        "(created_at) WHERE delinquent",
        "(lower(name))",
        "(upper(phone)) INCLUDE (country)",
    ],
)
def test_one_that_is_the_beginning_of_another_is_found(needless):
    make("CREATE INDEX wider ON {table} (upper(phone), country)")
    make(f"CREATE INDEX needless ON {{table}} {needless}")

    assert [one for one, other in beginnings_of_others()] == ["needless"]


@pytest.mark.parametrize(
    "needed",
    [
        "(created_at, country)",
        "(country, created_at)",
        "(country) INCLUDE (name)",
        "(country) WHERE delinquent",
        "(name)",
        "(country varchar_pattern_ops)",
        '(country COLLATE "C")',
        "USING hash (country)",
    ],
)
def test_one_that_says_more_or_of_fewer_rows_is_not(needed):
    make(f"CREATE INDEX needed ON {{table}} {needed}")

    assert beginnings_of_others() == []


def test_what_is_unique_stays_and_what_begins_as_it_goes():
    make("CREATE UNIQUE INDEX once ON {table} (country, id)")
    make("CREATE INDEX needless ON {table} (country, id)")
    make("CREATE INDEX wider ON {table} (country, id, phone)")

    assert set(beginnings_of_others()) == {("needless", "once"), ("needless", "wider")}


def make(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(table=Customer._meta.db_table))
