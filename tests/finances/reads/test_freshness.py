from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.models import Replay
from finances.reads.freshness import Lag, Unprocessed, lag, tried_again, unprocessed_of_customer, unprocessed_of_object
from tests.factories import NOON, a_delivery, seen

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def behind(now=NOON) -> timedelta | None:
    return lag(now).behind(now)


def an_open_one(state: str, ago: timedelta, **fields):
    return a_delivery(state=state, received_at=NOON - ago, processed_at=None, **fields)


def test_we_are_behind_by_the_oldest_delivery_that_was_not_processed_yet(django_assert_num_queries):
    an_open_one("processing", 5 * MINUTE, tries=1, lease_until=NOON + MINUTE)
    an_open_one("received", 4 * MINUTE)
    a_delivery(received_at=NOON - timedelta(days=1))

    with django_assert_num_queries(1):
        assert lag(NOON) == Lag(NOON - 4 * MINUTE, NOON - 5 * MINUTE)


def test_what_fails_and_is_tried_again_does_not_make_us_late_and_is_counted():
    an_open_one("waiting", 36 * MINUTE, tries=5, next_try_at=NOON + MINUTE)
    an_open_one("processing", 36 * MINUTE, tries=6, next_try_at=NOON - MINUTE, lease_until=NOON + MINUTE)
    an_open_one("quarantined", 36 * MINUTE, tries=8)

    assert behind() is None
    assert lag(NOON).as_of == NOON - 36 * MINUTE
    assert tried_again() == 2


def test_a_try_that_is_due_and_that_nobody_takes_up_makes_us_late_from_then_on():
    an_open_one("waiting", 36 * MINUTE, tries=5, next_try_at=NOON - 3 * MINUTE)
    assert behind() == 3 * MINUTE

    left_behind = {"next_try_at": NOON - 8 * MINUTE, "lease_until": NOON - 7 * MINUTE}
    an_open_one("processing", 36 * MINUTE, tries=6, **left_behind)
    assert behind() == 8 * MINUTE


@pytest.mark.parametrize("state", ["received", "processing", "waiting"])
def test_what_people_put_back_never_makes_us_late(state):
    replay = Replay.objects.create(asked_at=NOON)
    an_open_one(state, timedelta(days=5), replay=replay, next_try_at=NOON - MINUTE if state == "waiting" else None)

    assert behind() is None


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses by what is in the table")
def test_it_looks_where_the_open_ones_are_and_not_through_all_that_were_never_replayed():
    with CaptureQueriesContext(connection) as queries:
        lag(NOON)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {queries.captured_queries[0]['sql']}")
        plan = " ".join(row[-1] for row in cursor.fetchall())

    assert "paydesk_delivery_state (state=?)" in plan
    assert "replay" not in plan


def test_before_the_first_delivery_there_is_nothing_to_be_behind_of():
    assert lag(NOON) == Lag(None, None)


def test_an_event_that_failed_after_its_object_was_read_is_missing_in_what_is_shown(django_assert_num_queries):
    seen("in_1", NOON)
    about = {"object_id": "in_1", "customer_id": "cus_1"}
    aside = a_delivery(state="quarantined", created_at=NOON + MINUTE, **about)
    again = a_delivery(state="waiting", created_at=NOON + 2 * MINUTE, **about)
    a_delivery(state="processed", created_at=NOON + MINUTE, **about)
    a_delivery(state="quarantined", created_at=NOON + MINUTE, object_id="in_2", customer_id="cus_2")

    with django_assert_num_queries(1):
        assert unprocessed_of_customer("cus_1") == Unprocessed([aside.pk], [again.pk])
    assert unprocessed_of_object("in_1") == Unprocessed([aside.pk], [again.pk])


def test_an_object_that_was_read_since_lacks_nothing():
    seen("in_1", NOON + timedelta(seconds=1))
    a_delivery(state="quarantined", created_at=NOON, object_id="in_1", customer_id="cus_1")

    assert unprocessed_of_customer("cus_1") == unprocessed_of_object("in_1") == Unprocessed([], [])


def test_one_that_was_read_in_the_second_of_the_event_may_lack_it_and_one_never_read_does():
    seen("in_1", NOON + timedelta(milliseconds=900))
    first = a_delivery(state="quarantined", created_at=NOON, object_id="in_1", customer_id="cus_1")
    second = a_delivery(state="quarantined", created_at=NOON - MINUTE, object_id="in_2", customer_id="cus_1")

    assert unprocessed_of_customer("cus_1").put_aside == [first.pk, second.pk]
