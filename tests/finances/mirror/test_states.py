"""The states of a page are looked up, whatever the database knows of their table."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from finances.mirror.states import Fetched, lock_states, record_states, states_of
from finances.models import ObjectState
from tests.journeys.working import IS_POSTGRESQL

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
PAGE, PAGES = 100, 60

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite takes no array"),
]


def customers(page: int, ticket: int) -> list[Fetched]:
    return [
        Fetched("customer", {"id": f"cus_{page}x{each}", "object": "customer"}, ticket, NOW) for each in range(PAGE)
    ]


@pytest.fixture
def _a_table_that_was_never_analysed() -> None:
    """As that of a first import is; what is prepared is planned once, without a look at its values."""
    for page in range(PAGES):
        fetched = customers(page, ticket=1)
        record_states(fetched, [], lock_states(fetched, ()), ())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")


@pytest.mark.usefixtures("_a_table_that_was_never_analysed")
def test_no_page_of_ids_is_looked_through_for_each_row_of_the_table():
    plans = []

    def explained(execute, sql, values, many, context):
        if "paydesk_objectstate" in sql and "unnest" in sql and "INSERT" not in sql:
            execute("EXPLAIN (ANALYZE) " + sql, values, many, context)
            plans.append("\n".join(row[0] for row in context["cursor"].fetchall()))
        return execute(sql, values, many, context)

    fetched = customers(0, ticket=2)
    with connection.execute_wrapper(explained):
        known = states_of({it.id for it in fetched})
        before = lock_states(fetched, known)
        record_states([], fetched, before, ())
    assert len(plans) == 3  # read, locked, moved on
    assert not [plan for plan in plans if "ANY" in plan]
    assert ObjectState.objects.filter(ticket=2).count() == PAGE
