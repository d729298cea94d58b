"""What is known of the comparisons: the last ones, the next one, a gap, and that webhooks do not come."""

from datetime import UTC, datetime, timedelta

import pytest

from finances.models import CatchUp, Delivery, EventWatermark, ResyncRun
from finances.reads.catch_ups import MOST_SHOWN, POLL, event_gap, latest, schedule, without_webhooks
from finances.resync.plan import make_plan

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def compared(at: datetime, *, state: str = "complete", missed: int = 0, **more) -> CatchUp:
    fields = {"cause": "schedule", "since": at - DAY, "created_at": at, "finished_at": at} | more
    row = CatchUp.objects.create(state=state, listed=100, held=100 - missed, missed=missed, **fields)
    for number in range(missed):
        delivered(f"evt_{row.pk}_{number:02}", at=at, attempts=0, found_by=row)
    return row


def delivered(event_id: str, *, at: datetime, attempts: int = 1, found_by: CatchUp | None = None) -> None:
    Delivery.objects.create(
        event_id=event_id, event_type="x", created_at=at, received_at=at, attempts=attempts, found_by=found_by
    )


def mark(at: datetime, **more) -> None:
    EventWatermark.objects.create(at=at, **more)


def read(started_at: datetime, *, target: str = "all", state: str = "complete", since: datetime | None = None) -> None:
    target = make_plan(target, since=since).target
    ResyncRun.objects.create(target=target, state=state, created_at=started_at, started_at=started_at)


def test_the_last_comparisons_come_with_the_newest_that_each_found(django_assert_num_queries):
    compared(NOW - 2 * POLL, missed=MOST_SHOWN + 5)
    compared(NOW - POLL)
    compared(NOW, missed=2)

    with django_assert_num_queries(2):
        shown = latest(3)

    assert [(it.row.missed, len(it.missed)) for it in shown] == [(2, 2), (0, 0), (15, MOST_SHOWN)]
    assert [it.pk for it in shown[0].missed] == [f"evt_{shown[0].row.pk}_01", f"evt_{shown[0].row.pk}_00"]
    assert [it.row.missed for it in latest(3, with_missed_only=True)] == [2, 15]


def test_the_next_one_comes_three_minutes_after_the_end_of_the_last_and_later_after_failures(django_assert_num_queries):
    assert schedule().next_at is None
    compared(NOW - 9 * POLL, state="failed")
    compared(NOW - 8 * POLL, finished_at=NOW - 7 * POLL)

    with django_assert_num_queries(1):
        assert schedule().next_at == NOW - 6 * POLL

    for number in range(6):
        compared(NOW + timedelta(seconds=number), state="failed")
    assert schedule().next_at == NOW + timedelta(seconds=5) + 5 * POLL
    standing = compared(NOW + POLL, state="running", finished_at=None)
    assert (schedule().standing, schedule().next_at) == (standing, None)


# --- A gap -----------------------------------------------------------------------------------------------------------


def test_there_is_no_gap_while_the_events_are_whole(django_assert_num_queries):
    assert event_gap(NOW) is None
    mark(NOW - 29 * DAY)

    with django_assert_num_queries(1):
        assert event_gap(NOW) is None


def test_a_gap_that_a_comparison_found_stays_until_everything_was_read_from_then_on():
    found_at = NOW - 5 * DAY
    mark(NOW, gap_from=NOW - 45 * DAY, gap_until=NOW - 35 * DAY, gap_found_at=found_at)
    read(found_at - timedelta(hours=1))  # it had begun before
    read(found_at + DAY, target="customer")
    read(found_at + DAY, state="partial")
    read(found_at + DAY, since=NOW - DAY)

    gap = event_gap(NOW)
    assert (gap.since, gap.until, gap.found_at) == (NOW - 45 * DAY, NOW - 35 * DAY, found_at)

    read(found_at + DAY)
    assert event_gap(NOW) is None


def test_where_nobody_compares_for_30_days_the_gap_is_named_all_the_same():
    mark(NOW - 33 * DAY)

    gap = event_gap(NOW)

    assert (gap.since, gap.until, gap.found_at) == (NOW - 33 * DAY, NOW - 30 * DAY, None)
    read(NOW - 31 * DAY)
    assert event_gap(NOW)
    read(NOW - 29 * DAY)
    assert event_gap(NOW) is None


# --- Webhooks that do not come ---------------------------------------------------------------------------------------


@pytest.mark.guarantee("C2")
def test_events_that_comparisons_alone_bring_are_noticed(django_assert_num_queries):
    delivered("evt_last", at=NOW - 3 * DAY)
    compared(NOW - timedelta(hours=3), missed=30)
    compared(NOW - POLL, missed=1)

    with django_assert_num_queries(1):
        assert without_webhooks(NOW) == NOW - 3 * DAY


def test_one_that_stripe_delivered_too_is_enough_to_say_that_webhooks_come():
    compared(NOW - timedelta(hours=3), missed=30)
    compared(NOW - POLL, missed=1)
    assert without_webhooks(NOW) == NOW - timedelta(hours=3)

    Delivery.objects.filter(received_at=NOW - POLL).update(attempts=1)
    assert without_webhooks(NOW) is None


def test_however_much_the_last_comparison_found_the_one_before_it_counts():
    """On a busy account one comparison finds more than any list of the newest deliveries holds."""
    compared(NOW - 2 * POLL, missed=1)
    compared(NOW - POLL, missed=60)

    assert without_webhooks(NOW) == NOW - 2 * POLL


def test_of_the_comparisons_only_those_since_the_last_webhook_count():
    compared(NOW - 9 * POLL, missed=5)
    compared(NOW - 8 * POLL, missed=5)
    delivered("evt_last", at=NOW - 5 * POLL)
    compared(NOW - 2 * POLL, missed=5)
    assert without_webhooks(NOW) is None

    compared(NOW - POLL)
    assert without_webhooks(NOW) is None

    compared(NOW, missed=1)
    assert without_webhooks(NOW) == NOW - 5 * POLL


@pytest.mark.parametrize(
    "found",
    [
        [],
        [(POLL, 30)],  # after an outage: Stripe's next tries are still to come
        [(POLL, 30), (2 * POLL, 0)],
        [(2 * DAY, 20), (DAY + POLL, 20)],  # long ago
    ],
)
def test_too_little_to_tell_is_not_told(found):
    for ago, missed in found:
        compared(NOW - ago, missed=missed)

    assert without_webhooks(NOW) is None
