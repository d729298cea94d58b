"""Earlier states go after a time; the newest stays, and so does each change within the time that is kept, whole."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as some

from finances.models import ObjectVersion, RetentionPlace
from finances.reads.history import history
from finances.retention import versions
from finances.retention.versions import remove_versions

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
BEFORE = NOW - timedelta(days=100)


def seen(object_id: str, *days_ago: int) -> None:
    """States of an object, each another one than the one before."""
    for ago in days_ago:
        ticket = ObjectVersion.objects.count() + 1
        state = {"seen_at": NOW - timedelta(days=ago), "stripe_data": {"name": f"{ago} days ago"}}
        ObjectVersion.objects.create(object_id=object_id, ticket=ticket, **state)


def left(object_id: str) -> list[int]:
    kept = ObjectVersion.objects.filter(object_id=object_id).order_by("ticket")
    return [(NOW - each.seen_at).days for each in kept]


def remove_all(before: datetime = BEFORE) -> int:
    removed = 0
    while (some := remove_versions(before)) is not None:
        removed += some
    return removed


def test_the_newest_state_stays_however_old_it_is():
    seen("cus_1", 900)
    seen("cus_2", 900, 800, 700)

    assert remove_all() == 2

    assert (left("cus_1"), left("cus_2")) == ([900], [700])


def test_a_change_within_the_time_that_is_kept_has_both_of_its_sides():
    seen("cus_1", 300, 200, 50, 10)

    remove_all()

    assert left("cus_1") == [200, 50, 10]
    assert [change.before["name"] for change in history("cus_1").changes] == ["50 days ago", "200 days ago"]


def test_time_goes_on_and_the_next_look_begins_where_the_last_one_ended():
    seen("cus_1", 200, 150, 90, 80)
    seen("cus_2", 150)
    remove_all()
    assert left("cus_1") == [150, 90, 80]

    with CaptureQueriesContext(connection) as queries:
        assert remove_all() == 0
    assert len(queries) <= 6

    assert remove_all(BEFORE + timedelta(days=15)) == 1
    assert left("cus_1") == [90, 80]


def test_batches_come_to_the_same(monkeypatch):
    for number in range(7):
        seen(f"cus_{number}", 500, 400, 120)
        seen("cus_often", 300 - number)
    monkeypatch.setattr(versions, "BATCH", 4)

    assert remove_all() == 7 * 2 + 6

    assert left("cus_often") == [294]
    assert all(left(f"cus_{number}") == [120] for number in range(7))


@given(
    some.lists(some.tuples(some.integers(0, 3), some.integers(0, 300)), max_size=25),
    some.lists(some.integers(50, 300), max_size=4),
)
def test_what_stays_is_the_newest_before_the_time_that_is_kept_and_everything_since(states, looks):
    ObjectVersion.objects.all().delete()
    RetentionPlace.objects.all().delete()
    states = sorted(states, key=lambda state: -state[1])
    for number, ago in states:
        seen(f"cus_{number}", ago)

    for days in sorted(looks, reverse=True):
        remove_all(NOW - timedelta(days=days))

    kept = min(looks, default=1000)
    for number in range(4):
        ages = [ago for which, ago in states if which == number]
        older = [ago for ago in ages if ago > kept]
        assert left(f"cus_{number}") == older[-1:] + [ago for ago in ages if ago <= kept]
