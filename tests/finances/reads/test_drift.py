"""What differed when it was last compared, until something reads it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.models import ObjectState, ResyncFinding, ResyncRun
from finances.reads.drift import drift, drifted
from tests.factories import NOON, a_customer, seen

pytestmark = pytest.mark.django_db


def a_finding(object_id: str, kind: str = "changed", **fields: Any) -> ResyncFinding:
    run, _ = ResyncRun.objects.get_or_create(kind="compare", target="customer", defaults={"created_at": NOON})
    row = {"run": run, "object_id": object_id, "object_type": "customer", "stands": True, "found_at": NOON}
    return ResyncFinding.objects.create(kind=kind, **row | fields)


def test_what_differed_is_there_the_newest_first(db):
    a_finding("cus_1", found_at=NOON - timedelta(hours=1))
    a_finding("cus_2", "new")
    a_finding("cus_3", "gone", found_at=NOON - timedelta(hours=2))

    assert drifted() == [("customer", "cus_2"), ("customer", "cus_1"), ("customer", "cus_3")]


def test_what_was_read_since_is_not(db):
    for object_id, at in (("cus_before", -1), ("cus_since", 1)):
        a_finding(object_id)
        seen(object_id, NOON + timedelta(seconds=at))

    assert drifted() == [("customer", "cus_before")]


def test_wrong_rows_stay_until_they_are_taken_over_since_reading_the_same_again_mends_nothing(db):
    a_finding("cus_1", problem="Something else has changed the row.")
    seen("cus_1", NOON + timedelta(seconds=1))

    assert drifted() == [("customer", "cus_1")]


def test_what_a_later_comparison_read_does_not_stand(db):
    a_finding("cus_1", stands=False)

    assert drifted() == []
    assert drift().count == 0


def test_it_is_bounded(db):
    for number in range(5):
        a_finding(f"cus_{number}")

    assert len(drifted(most=3)) == 3


def test_a_page_of_it_takes_the_same_queries_at_any_size(db):
    counted = []
    for size in (3, 60):
        for _ in range(size):
            a_finding(a_customer().pk)
        with CaptureQueriesContext(connection) as queries:
            found = drift()
        counted.append(len(queries))

    assert (found.count, len(found.newest)) == (63, 50)
    assert max(counted) <= 3
    assert ObjectState.objects.count() == 0
