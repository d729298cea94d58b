"""What a comparison found, how the other side was read last, what is known of the cause, and what became of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.models import EventWatermark, ResyncFinding, ResyncRun
from finances.reads.comparison import comparison, comparisons
from tests.factories import NOON, a_customer, a_delivery, seen

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def run() -> ResyncRun:
    return ResyncRun.objects.create(kind="compare", target="customer", state="complete", created_at=NOON)


def a_finding(run: ResyncRun, object_id: str, kind: str = "changed", **fields: Any) -> ResyncFinding:
    row = {"object_id": object_id, "object_type": "customer", "stands": kind != "failed", "found_at": NOON}
    return ResyncFinding.objects.create(run=run, kind=kind, **row | fields)


def one(run: ResyncRun):
    return comparison(run, NOON + HOUR).found[0]


def test_resyncs_are_no_comparisons(run):
    ResyncRun.objects.create(target="customer", created_at=NOON)

    assert list(comparisons()) == [run]


def test_an_object_that_a_webhook_brought_says_so(run):
    a_finding(run, "cus_1")
    seen("cus_1", NOON - HOUR)
    a_delivery(object_id="cus_1", processed_at=NOON - HOUR + timedelta(milliseconds=80))

    assert (one(run).seen_at, one(run).by_webhook, one(run).is_open) == (NOON - HOUR, True, True)


def test_an_object_that_was_read_after_its_last_webhook_was_not_brought_by_it(run):
    a_finding(run, "cus_1")
    seen("cus_1", NOON - HOUR)
    a_delivery(object_id="cus_1", processed_at=NOON - 2 * HOUR)

    assert not one(run).by_webhook


@pytest.mark.parametrize(("ended", "by_resync"), [(NOON - 2 * HOUR, False), (NOON, True), (None, True)])
def test_an_object_that_was_read_while_a_resync_ran_says_so(run, ended, by_resync):
    a_finding(run, "cus_1")
    seen("cus_1", NOON - HOUR)
    ResyncRun.objects.create(target="all", created_at=NOON, started_at=NOON - 3 * HOUR, finished_at=ended)

    assert (one(run).by_webhook, one(run).by_resync) == (False, by_resync)


def test_what_was_read_since_is_taken_over_and_comes_last(run):
    for object_id in ("cus_1", "cus_2"):
        a_finding(run, object_id)
    seen("cus_1", NOON + timedelta(minutes=1))

    found = comparison(run, NOON + HOUR)

    assert [(it.finding.object_id, it.taken_over) for it in found.found] == [("cus_2", False), ("cus_1", True)]
    assert (found.count, found.open_count) == (2, 1)


def test_wrong_rows_are_open_until_they_are_taken_over_whatever_reads_the_object(run):
    finding = a_finding(run, "cus_1", problem="Something else has changed the row.")
    seen("cus_1", NOON + timedelta(minutes=1))
    assert one(run).is_open

    finding.stands, finding.taken_over_at = False, NOON + timedelta(minutes=2)
    finding.save()

    assert (one(run).is_open, one(run).taken_over) == (False, True)


def test_of_what_was_compared_again_the_later_comparison_says_more(run):
    a_finding(run, "cus_1", stands=False)

    assert (one(run).is_open, one(run).taken_over) == (False, False)
    assert comparison(run, NOON + HOUR).open_count == 0


@pytest.mark.parametrize("state", ["quarantined", "waiting", "received"])
def test_an_event_that_was_not_processed_is_the_likely_cause(run, state):
    a_finding(run, "cus_1")
    seen("cus_1", NOON - HOUR)
    event = a_delivery(object_id="cus_1", state=state, created_at=NOON - timedelta(minutes=5), processed_at=None)

    assert (one(run).event.event_id, one(run).event.state) == (event.pk, state)


@pytest.mark.parametrize(
    "event",
    [
        {"created_at": NOON + timedelta(minutes=1)},  # after we compared
        {"created_at": NOON - 2 * HOUR},  # the object was read after it
        {"created_at": NOON - timedelta(minutes=5), "object_id": "cus_another"},
        {"created_at": NOON - timedelta(minutes=5), "state": "processed"},
    ],
    ids=["later", "overtaken", "of-another", "processed"],
)
def test_no_event_is_blamed_that_cannot_be_the_cause(run, event):
    a_finding(run, "cus_1")
    seen("cus_1", NOON - HOUR)
    a_delivery(**{"object_id": "cus_1", "state": "quarantined"} | event)

    assert one(run).event is None


def test_a_gap_in_the_events_is_named_only_where_what_is_stored_is_from_before_its_end(run):
    EventWatermark.objects.create(
        at=NOON, gap_from=NOON - 3 * HOUR, gap_until=NOON - 2 * HOUR, gap_found_at=NOON - HOUR
    )
    a_finding(run, "cus_1")
    state = seen("cus_1", NOON - HOUR)
    assert comparison(run, NOON + HOUR).gap is None

    state.seen_at = NOON - 4 * HOUR
    state.save()

    assert comparison(run, NOON + HOUR).gap.until == NOON - 2 * HOUR


def test_it_takes_the_same_queries_at_any_size(run):
    counted = []
    for size in (3, 150):
        for _ in range(size):
            customer = a_customer().pk
            a_finding(run, customer)
            a_finding(run, customer, "failed")
            a_delivery(object_id=customer)
            seen(customer, NOON - HOUR)
        with CaptureQueriesContext(connection) as queries:
            found = comparison(run, NOON + HOUR)
        counted.append(len(queries))

    assert len(found.found) == len(found.failures) == 100
    assert (found.count, found.open_count, found.failure_count) == (153, 153, 153)
    assert max(counted) <= 13
