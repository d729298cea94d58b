from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.reads.as_it_was import as_it_was
from tests.factories import NOON, a_version

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _three_states() -> None:
    a_version("cus_other", {"name": "somebody else"}, NOON - DAY)
    for day, name in enumerate(["first", "second", "third"]):
        a_version("cus_1", {"name": name}, NOON + day * 10 * DAY)


@pytest.mark.parametrize(("day", "name"), [(0, "first"), (9, "first"), (10, "second"), (19.9, "second"), (99, "third")])
def test_the_state_that_was_seen_last_by_then_is_the_one(day: float, name: str) -> None:
    found = as_it_was("cus_1", NOON + day * DAY)

    assert found.then
    assert found.then.stripe_data == {"name": name}
    assert found.beside
    assert found.beside.stripe_data == {"name": "third"}


def test_before_the_first_state_nobody_knows() -> None:
    found = as_it_was("cus_1", NOON - DAY / 2)

    assert found.then is None
    assert (found.first_seen, found.differences) == (NOON, [])


def test_a_state_says_when_it_was_seen_and_when_the_next_one_was() -> None:
    second = as_it_was("cus_1", NOON + 15 * DAY).then
    third = as_it_was("cus_1", NOON + 25 * DAY).then

    assert second
    assert (second.seen_at, second.until) == (NOON + 10 * DAY, NOON + 20 * DAY)
    assert third
    assert (third.seen_at, third.until) == (NOON + 20 * DAY, None)


def test_two_dates_are_held_against_each_other() -> None:
    found = as_it_was("cus_1", NOON, NOON + 12 * DAY)

    assert found.differences == [{"field": "name", "before": "first", "after": "second"}]


def test_what_was_never_seen_has_no_states() -> None:
    assert as_it_was("cus_nope", NOON).states == 0


def test_it_takes_three_queries_however_many_states() -> None:
    for day in range(40):
        a_version("cus_1", {"name": str(day)}, NOON + (30 + day) * DAY)

    with CaptureQueriesContext(connection) as queries:
        as_it_was("cus_1", NOON, NOON + 12 * DAY)

    assert len(queries) == 3
