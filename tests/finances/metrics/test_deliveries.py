"""Deliveries by hour and state, and their delays: held against the definition, computed by hand in Python."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from finances.metrics.deliveries import Hour, Spread, by_hour, lately, nearest_rank
from finances.models import CatchUp, Delivery, Replay
from tests.factories import NOON, a_delivery

pytestmark = pytest.mark.django_db

NOW = NOON + timedelta(minutes=30)


def the_hour(of: datetime = NOON) -> Hour:
    return next(hour for hour in by_hour(NOW, 24) if hour.at == of)


def took(seconds: float, **fields) -> Delivery:
    """Came `seconds` after Stripe made it, and was processed as long after that."""
    at = NOON + timedelta(minutes=1)
    span = timedelta(seconds=seconds)
    return a_delivery(**{"created_at": at - span, "received_at": at, "processed_at": at + span} | fields)


def test_each_hour_of_the_day_is_there_and_counts_by_state():
    a_delivery(received_at=NOON)
    a_delivery(received_at=NOON + timedelta(minutes=29), state="quarantined")
    a_delivery(received_at=NOON - timedelta(microseconds=1))
    a_delivery(received_at=NOON - timedelta(hours=25))

    hours = by_hour(NOW, 24)

    assert [hour.at for hour in hours] == [NOON - timedelta(hours=back) for back in range(23, -1, -1)]
    assert hours[-1].states == {"processed": 1, "quarantined": 1}
    assert hours[-2].states == {"processed": 1}
    assert sum(hour.count for hour in hours) == 3


def test_half_an_hours_zone_changes_nothing_since_hours_are_utcs(settings):
    from django.utils import timezone

    a_delivery(received_at=NOON)

    with timezone.override("Asia/Kolkata"):
        assert the_hour().states == {"processed": 1}
        assert the_hour().at.tzinfo is UTC


def test_p50_and_p95_are_the_values_at_the_nearest_rank():
    for seconds in range(1, 21):
        took(seconds)

    way = the_hour().way

    assert way == Spread(20, timedelta(seconds=10), timedelta(seconds=19))


def test_a_single_delay_is_both():
    took(0.25)

    assert the_hour().here == Spread(1, timedelta(seconds=0.25), timedelta(seconds=0.25))


def test_a_clock_that_is_off_counts_as_no_delay():
    took(-3)

    assert the_hour().way.p50 == timedelta()


def test_what_a_comparison_found_was_not_on_its_way():
    took(1)
    took(3600, found_by=CatchUp.objects.create(cause="schedule", since=NOON, created_at=NOON, state="complete"))

    hour = the_hour()

    assert hour.way.count == 1
    assert hour.here.count == 2


def test_what_was_replayed_or_is_not_processed_took_no_time_here():
    took(1)
    took(3600, replay=Replay.objects.create(asked_at=NOON))
    took(3600, state="quarantined")
    took(3600, state="waiting", processed_at=None)

    assert the_hour().here.count == 1


def test_an_hour_without_deliveries_has_no_delay_rather_than_none_at_all():
    assert the_hour() == Hour(NOON, {}, None, None)


def test_lately_is_one_stretch_as_a_whole():
    took(1)
    took(2, received_at=NOON - timedelta(hours=3), created_at=NOON - timedelta(hours=3, seconds=2))

    assert lately(NOW - timedelta(days=1), NOW).way.count == 2
    assert lately(NOON, NOW).way.count == 1


delays = st.lists(st.integers(0, 40_000_000), min_size=1, max_size=60)


@given(delays=delays)
def test_the_databases_ranks_are_those_of_the_definition(db, delays):
    Delivery.objects.all().delete()
    spans = [timedelta(microseconds=each) for each in delays]
    Delivery.objects.bulk_create(
        Delivery(
            event_id=f"evt_{n}",
            event_type="invoice.paid",
            state="processed",
            created_at=NOON,
            received_at=NOON,
            processed_at=NOON + span,
        )
        for n, span in enumerate(spans)
    )

    assert the_hour().here == Spread(len(spans), nearest_rank(spans, 50), nearest_rank(spans, 95))


def test_queries_are_three_and_stay_within_the_range_of_an_index():
    # So many that an index is worth it: on few rows PostgreSQL takes any.
    Delivery.objects.bulk_create(
        Delivery(
            event_id=f"evt_old{hours}",
            event_type=f"type.{hours % 40}",
            state="processed",
            created_at=NOW - timedelta(hours=hours),
            received_at=NOW - timedelta(hours=hours),
            processed_at=NOW - timedelta(hours=hours),
        )
        for hours in range(6_000)
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE paydesk_delivery")

    with CaptureQueriesContext(connection) as queries:
        by_hour(NOW, 168)

    assert len(queries) == 3
    for query in queries:
        with connection.cursor() as cursor:
            explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
            cursor.execute(explain + query["sql"])
            plan = "\n".join(str(row) for row in cursor.fetchall())
        assert re.search("paydesk_delivery_(newest|state).*received_at", plan, re.DOTALL), plan
