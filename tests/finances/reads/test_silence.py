"""Silence: what is unusual for this hour of the week, and no wolf."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from finances.models import Delivery
from finances.reads.silence import LIVELY, SHORTEST, silence
from tests.factories import NOON

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


def came(*moments: datetime) -> None:
    start = Delivery.objects.count()
    Delivery.objects.bulk_create(
        Delivery(event_id=f"evt_{start + n}", event_type="invoice.paid", created_at=at, received_at=at)
        for n, at in enumerate(moments)
    )


def by_day(days: int, *, until: datetime = NOON, every: timedelta = timedelta(minutes=5)) -> None:
    """Events between 8 and 20 h UTC of each day before `until`."""
    steps = int(timedelta(days=days) / every)
    moments = [until - every * number for number in range(1, steps + 1)]
    came(*(at for at in moments if 8 <= at.hour < 20))


def test_half_a_working_day_without_an_event_is_unusual():
    by_day(16)

    found = silence(NOON + timedelta(hours=2))

    assert found.is_unusual
    assert found.since == NOON - timedelta(minutes=5)
    assert found.before == (24, 24)


def test_a_night_is_as_quiet_as_nights_are():
    by_day(16, until=NOON + timedelta(hours=8))

    for hours in range(8, 20):  # from 20 h until 8 h of the next morning
        assert not silence(NOON + timedelta(hours=hours)).is_unusual


def test_a_morning_on_which_nothing_begins_is_noticed_within_an_hour():
    by_day(16, until=NOON + timedelta(hours=8))

    assert not silence(NOON + timedelta(hours=20, minutes=30)).is_unusual
    assert silence(NOON + timedelta(hours=21)).is_unusual


def test_a_new_deployment_has_nothing_to_compare_with():
    by_day(13)

    assert not silence(NOON + timedelta(hours=5)).is_unusual


def test_one_week_that_was_quiet_too_makes_it_usual():
    by_day(16)
    Delivery.objects.filter(received_at__gt=NOON - WEEK, received_at__lt=NOON - WEEK + timedelta(hours=3)).delete()

    assert not silence(NOON + timedelta(hours=2)).is_unusual


def test_a_burst_is_one_event_and_not_a_habit():
    came(NOON)
    for weeks in (1, 2):
        came(*(NOON - WEEK * weeks + timedelta(minutes=20, seconds=second) for second in range(50)))

    assert not silence(NOON + timedelta(hours=1)).is_unusual


def test_before_the_first_event_there_is_no_silence():
    assert silence(NOON).since is None
    assert not silence(NOON).is_unusual


def test_a_silence_of_weeks_is_still_compared_with_the_weeks_before_it():
    by_day(30)

    assert silence(NOON + timedelta(days=6)).is_unusual


@given(
    minutes=st.sets(st.integers(1, 59), max_size=30),
    quiet=st.integers(1, 59),
    shifts=st.tuples(st.booleans(), st.booleans()),
)
def test_it_is_unusual_exactly_when_each_week_was_lively_in_the_same_span(db, minutes, quiet, shifts):
    Delivery.objects.all().delete()
    came(NOON)
    for weeks, there in zip((1, 2), shifts, strict=True):
        came(*(NOON - WEEK * weeks + timedelta(minutes=minute) for minute in minutes if there))

    in_the_span = sum(minute < quiet for minute in minutes)
    expected = timedelta(minutes=quiet) >= SHORTEST and all(shifts) and in_the_span >= LIVELY
    assert silence(NOON + timedelta(minutes=quiet)).is_unusual == expected


def test_one_query_while_events_come_and_three_in_a_silence():
    by_day(16)
    for after, expected in ((timedelta(minutes=5), 1), (timedelta(hours=2), 3)):
        with CaptureQueriesContext(connection) as queries:
            silence(NOON + after)
        assert len(queries) == expected
