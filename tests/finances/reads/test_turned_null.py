"""Fields that lost their value in what resyncs and comparisons found."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from finances.models import ResyncFinding, ResyncRun
from finances.reads.turned_null import TurnedNull, turned_null

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def run() -> ResyncRun:
    return ResyncRun.objects.create(target="all", state="complete", created_at=NOW)


def found(
    run: ResyncRun, object_id: str, *differences: dict[str, Any], days_ago: int = 1, kind: str = "changed"
) -> None:
    ResyncFinding.objects.create(
        run=run, object_id=object_id, object_type="invoice", kind=kind, differences=list(differences),
        found_at=NOW - timedelta(days=days_ago),
    )  # fmt: skip


def test_three_objects_are_enough_and_two_are_not(run, django_assert_num_queries):
    for name in ("in_1", "in_2"):
        found(run, name, {"field": "charge", "before": "ch_1", "after": None})
    assert turned_null(NOW) == []

    found(run, "in_3", {"field": "charge", "before": "ch_1"}, days_ago=3)  # the field itself is gone
    with django_assert_num_queries(1):
        lost = turned_null(NOW)
    assert lost == [TurnedNull("invoice", "charge", objects=3, changed=3, newest=NOW - timedelta(days=1))]


def test_a_field_is_the_same_wherever_in_a_list_it_stands(run):
    for number in range(3):
        found(run, f"in_{number}", {"field": f"lines.data[{number}].plan", "before": {"id": "plan_1"}, "after": None})

    assert turned_null(NOW)[0].field == "lines.data.plan"


def test_other_changes_do_not_count_but_are_told(run):
    for number in range(3):
        found(run, f"in_{number}", {"field": "due_date", "before": 1, "after": None})
    found(run, "in_8", {"field": "due_date", "before": 1, "after": 2})
    found(run, "in_9", {"field": "due_date", "before": None, "after": 2}, {"field": "paid_at", "after": 3})

    assert [(each.objects, each.changed) for each in turned_null(NOW)] == [(3, 5)]


def test_neither_what_is_older_than_a_month_nor_what_is_gone_counts(run):
    for number in range(3):
        found(run, f"in_{number}", {"field": "due_date", "before": 1}, days_ago=31)
        found(run, f"in_{number}", {"field": "due_date", "before": 1}, kind="gone")

    assert turned_null(NOW) == []
