"""What is here, month by month, against what Stripe listed."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.models import ListedMonth, MissingScope, ObjectState, ResyncPart, ResyncRun, WorkerHeartbeat
from finances.reads.completeness import OfType, OverdueSample, completeness, last_sample, missing_scopes, overdue_sample
from tests.factories import number

pytestmark = pytest.mark.django_db

READ = datetime(2026, 11, 20, 12, tzinfo=UTC)
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


def here(created_at: datetime | None, count: int = 1, type_name: str = "invoice", **fields) -> None:
    ObjectState.objects.bulk_create(
        ObjectState(
            object_id=f"o_{next(number)}", type=type_name, ticket=1, content_hash=b"", seen_at=READ,
            created_at=created_at, **fields,
        )
        for _ in range(count)
    )  # fmt: skip


def listed(month: date, count: int, type_name: str = "invoice", at: datetime = READ, **fields) -> ListedMonth:
    row = {"type": type_name, "month": month, "listed": count, "held": count, "verified_at": at}
    return ListedMonth.objects.create(**row | fields)


def invoices() -> OfType:
    return completeness(["invoice"])[0]


def of_month(first: date):
    return next(month for month in invoices().months if month.first == first)


def test_months_are_utcs_to_the_second():
    here(datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC))
    here(datetime(2026, 11, 1, tzinfo=UTC), 2)

    assert [(month.first, month.here) for month in invoices().months] == [(NOVEMBER, 2), (OCTOBER, 1)]


def test_all_is_here_that_was_listed():
    here(datetime(2026, 10, 5, tzinfo=UTC), 3)
    listed(OCTOBER, 3)

    found = invoices()

    assert (found.here, found.listed, found.missing_here, found.unlisted) == (3, 3, 0, 0)
    assert found.as_of == READ


def test_what_was_listed_and_is_not_here_is_missing_until_it_comes():
    here(datetime(2026, 10, 5, tzinfo=UTC), 3)
    listed(OCTOBER, 5, held=3, missing_here=2)
    assert invoices().missing_here == 2

    here(datetime(2026, 10, 6, tzinfo=UTC), 2)
    assert invoices().missing_here == 0


def test_what_was_created_after_the_reading_is_neither_missing_nor_too_many():
    here(datetime(2026, 11, 5, tzinfo=UTC), 3)
    here(READ + timedelta(hours=1), 4)
    listed(NOVEMBER, 3)

    month = of_month(NOVEMBER)

    assert (month.here, month.since, month.missing_here, month.unlisted) == (7, 4, 0, 0)


def test_what_was_created_while_it_was_read_is_not_held_against_it():
    here(READ - timedelta(seconds=30))
    listed(NOVEMBER, 0)

    assert of_month(NOVEMBER).unlisted == 0


def test_what_was_deleted_after_the_reading_is_not_missing():
    here(datetime(2026, 10, 5, tzinfo=UTC), 2)
    here(datetime(2026, 10, 5, tzinfo=UTC), deleted_at=READ + timedelta(days=1))
    listed(OCTOBER, 3)

    assert of_month(OCTOBER).missing_here == 0

    ObjectState.objects.filter(deleted_at__isnull=False).update(deleted_at=READ - timedelta(days=1))
    assert of_month(OCTOBER).missing_here == 1


def test_what_is_gone_at_stripe_is_too_many_here_until_it_is_a_tombstone():
    here(datetime(2026, 10, 5, tzinfo=UTC), 4)
    listed(OCTOBER, 3, missing_there=1)
    month = of_month(OCTOBER)
    assert (month.missing_there, month.unlisted, month.missing_here) == (1, 0, 0)

    ObjectState.objects.filter(pk=ObjectState.objects.first().pk).update(deleted_at=READ + timedelta(hours=1))
    month = of_month(OCTOBER)
    assert (month.missing_there, month.unlisted, month.missing_here) == (0, 0, 0)


def test_one_missing_and_one_too_many_do_not_make_up_for_each_other():
    here(datetime(2026, 10, 5, tzinfo=UTC), 3)
    listed(OCTOBER, 3, held=2, missing_here=1, missing_there=1)

    month = of_month(OCTOBER)

    assert (month.missing_here, month.missing_there, month.wrong) == (1, 1, 2)


def test_what_is_here_and_was_never_listed_is_said():
    here(datetime(2026, 10, 5, tzinfo=UTC), 5)
    listed(OCTOBER, 3)

    assert of_month(OCTOBER).unlisted == 2


def test_a_month_that_began_after_the_reading_is_not_unread_but_an_older_one_is():
    here(datetime(2026, 9, 5, tzinfo=UTC))
    here(datetime(2026, 12, 5, tzinfo=UTC))
    listed(OCTOBER, 0)

    assert invoices().unread == 1


def test_of_a_type_that_was_never_read_nothing_is_known():
    here(datetime(2026, 9, 5, tzinfo=UTC))

    found = invoices()

    assert (found.newest, found.as_of, found.unread, found.missing_here) == (None, None, 0, 0)


def test_what_has_no_time_of_creation_is_counted_apart():
    here(None, 2)

    found = invoices()

    assert (found.months, found.undated, found.here) == ([], 2, 2)


def test_types_come_in_the_order_asked_for_and_know_who_refuses_them():
    MissingScope.objects.create(type="refund", sentence="No.", advice="Do.", noticed_at=READ)

    refund, method = completeness(["refund", "payment_method"], {"payment_method"})

    assert (refund.refused.sentence, refund.by_owner) == ("No.", False)
    assert (method.refused, method.by_owner) == (None, True)
    assert [each.type for each in missing_scopes()] == ["refund"]
    assert missing_scopes(["invoice"]) == []


def test_the_number_of_queries_does_not_grow():
    counted = []
    for months in (1, 8):
        for type_name in ("invoice", "refund", "charge"):
            for month in range(1, 1 + months):
                listed(date(2010 + months, month, 1), 1, type_name)
                here(datetime(2010 + months, month, 9, tzinfo=UTC), 1, type_name)
            listed(date(2026, 11, 1) if months == 1 else OCTOBER, 1, type_name)
        with CaptureQueriesContext(connection) as queries:
            completeness(["invoice", "refund", "charge"])
        counted.append(len(queries))

    assert counted == [5, 5]


def test_the_last_sample_says_how_many_objects_of_how_many_types(django_assert_num_queries):
    assert last_sample() is None
    run = ResyncRun.objects.create(
        kind="compare", target="sample", state="complete", done=812, changed=1, new=1, gone=0, created_at=READ
    )
    ResyncRun.objects.create(kind="compare", target="all", state="complete", created_at=READ + timedelta(days=1))
    for step in range(6):
        kind = ("invoice", "charge", "refund")[step % 3]
        ResyncPart.objects.create(run=run, number=step, stage=0, step={"type": kind}, state="done")

    with django_assert_num_queries(2):
        sample = last_sample()

    assert (sample.objects, sample.types, sample.differing, sample.under_way) == (812, 3, 2, False)


class TestOverdueSample:
    NOW = READ + timedelta(days=30)

    @pytest.fixture(autouse=True)
    def _read_long_ago_and_worked_on(self):
        here(READ)
        ResyncRun.objects.create(target="all", state="complete", created_at=READ, finished_at=READ)
        WorkerHeartbeat.objects.create(worker="here", started_at=READ, seen_at=self.NOW)

    def sample(self, ago: timedelta, state: str = "complete") -> ResyncRun:
        return ResyncRun.objects.create(kind="compare", target="sample", state=state, created_at=self.NOW - ago)

    @pytest.mark.parametrize("state", ["complete", "partial"])
    def test_a_night_and_a_half_after_the_last_one(self, state, django_assert_max_num_queries):
        self.sample(timedelta(hours=36), state)
        with django_assert_max_num_queries(2):
            assert overdue_sample(self.NOW) is None

        with django_assert_max_num_queries(7):
            late = overdue_sample(self.NOW + timedelta(seconds=1))
        assert late == OverdueSample(self.NOW - timedelta(hours=36), ever=True)

    def test_none_at_all_counts_from_the_first_read(self):
        assert overdue_sample(self.NOW) == OverdueSample(READ, ever=False)

        ResyncRun.objects.update(finished_at=self.NOW - timedelta(hours=30))
        assert overdue_sample(self.NOW) is None

    def test_where_all_came_by_webhooks_from_the_time_that_workers_run(self):
        ResyncRun.objects.all().delete()

        assert overdue_sample(self.NOW) == OverdueSample(READ, ever=False)

    def test_without_a_worker_nothing_else_matters(self):
        WorkerHeartbeat.objects.update(seen_at=self.NOW - timedelta(minutes=1))

        assert overdue_sample(self.NOW) is None

    def test_of_nothing_no_sample_is_taken(self):
        ObjectState.objects.all().delete()

        assert overdue_sample(self.NOW) is None

    @pytest.mark.parametrize("state", ["failed", "cancelled", "paused"])
    def test_one_that_came_to_no_end_is_none_and_is_named(self, state):
        self.sample(timedelta(hours=40))
        stopped = self.sample(timedelta(hours=2), state)

        assert overdue_sample(self.NOW).because == stopped

    def test_one_that_is_being_compared_is_waited_for_but_not_for_ever(self):
        self.sample(timedelta(hours=40))
        running = self.sample(timedelta(minutes=1), "running")
        assert overdue_sample(self.NOW) is None

        running.created_at = self.NOW - timedelta(hours=37)
        running.save()
        assert overdue_sample(self.NOW).because == running

    def test_a_resync_of_everything_is_named_unless_it_was_paused_and_forgotten(self):
        run = ResyncRun.objects.create(target="all", state="running", created_at=self.NOW - timedelta(days=3))
        assert overdue_sample(self.NOW).because == run

        ResyncRun.objects.filter(pk=run.pk).update(state="paused")
        assert overdue_sample(self.NOW).because is None
