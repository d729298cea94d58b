"""How far a run is: sane from its first second to its end, whatever happened in between."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as some

from finances import audit
from finances.models import RateBudget, ResyncPart, ResyncRun
from finances.reads.resyncs import PartsOfType, Progress, hold, parts_of, progress, unfinished
from tests.factories import NOON

SECOND = timedelta(seconds=1)
A_SECOND = 15


def a_run(**fields) -> ResyncRun:
    given = {"target": "invoice", "state": "running", "created_at": NOON, "started_at": NOON, "calls_planned": 150}
    return ResyncRun.objects.create(**given | fields)


def after(run: ResyncRun, seconds: float, *parts: PartsOfType) -> Progress:
    return progress(run, parts, NOON + seconds * SECOND, A_SECOND)


@pytest.mark.django_db
class TestProgress:
    def test_in_the_first_second_the_time_left_is_the_plans(self):
        run = a_run(total=15_000, done=2, calls=1)

        left = after(run, 1).left

        assert left is not None
        assert timedelta(seconds=5) < left < timedelta(minutes=5)  # by its pace so far it would be two hours

    def test_before_anything_was_read_it_is_the_plans_too_and_later_nobody_can_say(self):
        run = a_run(total=15_000)

        assert after(run, 3).left == timedelta(seconds=10)
        assert after(run, 60).left is None

    def test_later_it_is_by_the_pace_so_far(self):
        assert after(a_run(total=1000, done=250, calls=100), 100).left == timedelta(seconds=300)

    def test_a_run_of_what_was_never_read_is_measured_by_its_parts(self):
        run = a_run(target="all", total=500, done=500)
        of = PartsOfType("invoice", done=2, working=1, waiting=4, failed=1)

        far = after(run, 60, of)

        assert (far.expected, far.percent, far.left) == (None, 37, timedelta(seconds=100))

    def test_time_that_it_was_paused_is_no_time_that_it_took(self):
        run = a_run(total=1000, done=250)
        for minute, word in ((1, "paused"), (61, "resumed")):
            detail = {"run": str(run.pk)}
            at = NOON + timedelta(minutes=minute)
            audit.record(f"paydesk.resync.{word}", at=at, actor=None, target="invoice", detail=detail)

        far = after(run, 61 * 60 + 40)

        assert far.rate == 2.5
        assert far.left == timedelta(seconds=300)

    def test_the_pause_of_another_run_of_the_same_does_not_count(self):
        run, detail = a_run(total=1000, done=250), {"run": "00000000-0000-0000-0000-000000000001"}
        audit.record("paydesk.resync.paused", at=NOON + SECOND, actor=None, target="invoice", detail=detail)

        assert after(run, 100).rate == 2.5

    @pytest.mark.parametrize("state", ["paused", "complete", "cancelled", "failed"])
    def test_what_does_not_go_on_has_no_time_left(self, state):
        assert after(a_run(state=state, total=1000, done=250), 100).left is None

    def test_at_the_end_it_is_whole_and_before_never(self):
        assert after(a_run(total=100, done=100), 100, PartsOfType("invoice", 1, 0, 0, 0)).percent == 99
        assert after(a_run(target="all", state="complete", done=7, finished_at=NOON), 100).percent == 100

    def test_what_failed_was_not_read_but_is_dealt_with(self):
        far = after(a_run(total=10, done=3, failed=3), 6)

        assert (far.read, far.failed, far.percent, far.rate) == (3, 3, 60, 1.0)

    def test_it_costs_two_queries_while_it_goes_on(self):
        run = a_run(total=1000, done=250)

        with CaptureQueriesContext(connection) as queries:
            after(run, 100)

        assert len(queries) == 2


counts = some.integers(0, 10**6)


@pytest.mark.django_db
@given(
    numbers=some.tuples(counts, counts, counts, counts),
    seconds=some.floats(0, 10**6),
    parts=some.lists(some.tuples(*[some.integers(0, 500)] * 4), max_size=3),
    state=some.sampled_from(ResyncRun.State.values),
)
def test_progress_is_sane_whatever_the_numbers(numbers, seconds, parts, state):
    total, done, failed, calls = numbers
    run = ResyncRun(target="all", state=state, total=total, done=done, failed=failed, calls=calls, calls_planned=total)
    run.created_at = run.started_at = NOON

    far = after(run, seconds, *(PartsOfType("invoice", *each) for each in parts))

    assert 0 <= far.percent <= 100
    assert far.unfinished == (state in ResyncRun.UNFINISHED)
    assert far.percent < 100 or not far.unfinished
    assert far.left is None or far.left > timedelta()
    assert far.expected is None or far.expected > far.read


@pytest.mark.django_db
class TestParts:
    def test_they_are_counted_by_type_in_the_order_of_reading(self):
        run, other = a_run(), a_run(target="all")
        rows = [
            (run, "invoice", 2, "queued"),
            (run, "customer", 0, "done"),
            (run, "invoice", 2, "running"),
            (run, "price", 1, "failed"),
            (other, "customer", 0, "queued"),
        ]
        for number, (of, type_name, stage, state) in enumerate(rows):
            ResyncPart.objects.create(run=of, number=number, stage=stage, step={"type": type_name}, state=state)

        with CaptureQueriesContext(connection) as queries:
            found = parts_of(run)

        assert found == [
            PartsOfType("customer", 1, 0, 0, 0),
            PartsOfType("price", 0, 0, 0, 1),
            PartsOfType("invoice", 0, 1, 1, 0),
        ]
        assert len(queries) == 1


@pytest.mark.django_db
class TestHold:
    def test_a_pause_of_any_endpoint_and_the_breaker_hold_it(self):
        RateBudget.objects.create(scope="/v1/invoices", level=0, filled_at=NOON, paused_until=NOON + 3 * SECOND)
        RateBudget.objects.create(scope="all", level=0, filled_at=NOON, open_until=NOON + 9 * SECOND)

        held = hold(a_run(), NOON)

        assert (held.slow_until, held.down_until) == (NOON + 3 * SECOND, NOON + 9 * SECOND)

    def test_what_is_over_holds_nothing(self):
        RateBudget.objects.create(
            scope="all", level=0, filled_at=NOON, paused_until=NOON - SECOND, open_until=NOON - SECOND
        )
        run = a_run()
        ResyncPart.objects.create(
            run=run, number=0, stage=0, step={"type": "invoice"}, next_try_at=NOON - SECOND, problem="It failed."
        )

        assert hold(run, NOON) == hold(a_run(target="all", state="paused"), NOON)


@pytest.mark.django_db
class TestWhatIsReadAlready:
    def test_a_run_of_the_same_comes_before_one_of_everything(self):
        of_all = a_run(target="all", state="paused")
        assert unfinished(ResyncRun.Kind.RESYNC, "invoice") == of_all

        same = a_run(target="invoice", state="queued")
        assert unfinished(ResyncRun.Kind.RESYNC, "invoice") == same

    def test_what_has_ended_or_only_compares_reads_nothing(self):
        a_run(state="complete")
        a_run(kind="compare")

        assert unfinished(ResyncRun.Kind.RESYNC, "invoice") is None

    def test_of_comparisons_the_same_is_asked(self):
        a_run(target="invoice")
        compared = a_run(kind="compare", target="all")

        assert unfinished(ResyncRun.Kind.COMPARE, "invoice") == compared
