"""A run that a person pauses or cancels stops within a page or five seconds, whatever it waits for, and leaves nothing
half-written."""

import random
import time
from collections.abc import Callable

import pytest
from django.db import connections
from django.utils import timezone

from finances import gateway, rate_budget
from finances.mirror.canonical import content_hash
from finances.mirror.held import rows_of
from finances.mirror.rebuild import rebuild
from finances.models import ObjectState, ObjectVersion, ResyncFinding, ResyncPart, ResyncRun, state_key
from finances.rate_budget import turns
from finances.resync import control, in_hand
from finances.resync.request import request_resync
from tests.call_log import Call, calls_logged
from tests.factories import stripes_id
from tests.journeys.working import IS_FULL, AWorker, resync, wait_for, work

AT_MOST = 5.0  # seconds
BREATH = 0.2  # seconds in which somebody who had not stopped would go on
MOMENTS = 20 if IS_FULL else 3

WORDS = {"pause": ResyncRun.State.PAUSED, "cancel": ResyncRun.State.CANCELLED}
either = pytest.mark.parametrize("word", WORDS)
pytestmark = pytest.mark.guarantee("B3")


@pytest.fixture
def run(stripe, committed) -> ResyncRun:
    """Of everything, asked for; nobody works on it yet."""
    return request_resync("all", now=timezone.now()).run


def stop(run: ResyncRun, word: str) -> None:
    """At once, however busy its worker is."""
    began = time.monotonic()
    getattr(control, word)(run.pk, now=timezone.now(), by=None)
    assert time.monotonic() - began < AT_MOST
    run.refresh_from_db()
    assert run.state == WORDS[word]


def everything() -> tuple:
    """What a run that goes on would move: tickets, rows, counts, places."""
    return (
        sorted(ObjectState.objects.values_list("object_id", "ticket")),
        ObjectVersion.objects.count(),
        ResyncFinding.objects.count(),
        list(ResyncRun.objects.values("state", "done", "new", "failed", "calls")),
        list(ResyncPart.objects.order_by("number").values("state", "place", "tries", "claim")),
    )


def half_written() -> list[str]:
    """Objects of which not all is there: the answer, its row in the read model, its state, its version."""
    states = {state.object_id: state for state in ObjectState.objects.all()}
    found = [drift.id for drift in rebuild(check_only=True)]
    newest = dict(ObjectVersion.objects.order_by("ticket").values_list("object_id", "stripe_data"))
    for type_name in {state.type for state in states.values()}:
        held = dict(rows_of(type_name).values_list("id", "stripe_data"))
        of_type = {stripes_id(state) for state in states.values() if state.type == type_name}
        for object_id in of_type | held.keys():
            key = state_key(type_name, object_id)
            state, row = states.get(key), held.get(object_id)
            whole = state and row and bytes(state.content_hash) == content_hash(row) and newest.get(key) == row
            if not whole:
                found.append(object_id)
    return found


def assert_it_stands_still(run: ResyncRun, calls: list[Call] | None = None) -> None:
    before, made = everything(), len(calls or ())
    time.sleep(BREATH)
    work(timezone.now)  # nor does a worker find anything to do
    connections.close_all()
    assert everything() == before
    assert len(calls or ()) == made
    assert half_written() == []
    # Counted is what is there; the account and what came along beside a page are counted with it.
    run.refresh_from_db()
    assert run.new == ObjectState.objects.exclude(type="account").count() == ResyncFinding.objects.count()


def assert_it_goes_on_to_the_end(run: ResyncRun) -> None:
    """Where it was paused; a cancelled one has ended."""
    if run.state == ResyncRun.State.PAUSED:
        control.resume(run.pk, now=timezone.now(), by=None)
        work(timezone.now)
        run.refresh_from_db()
        assert (run.state, run.failed) == (ResyncRun.State.COMPLETE, 0)
        assert half_written() == []


@either
def test_while_stripe_hangs(run, stripe, monkeypatch, word):
    monkeypatch.setattr(gateway, "_http", gateway.HttpClient(timeout=(1, 2)))
    stripe.faults(hung=1.0, paths="/v1/charges")
    with calls_logged() as calls, AWorker() as worker:
        wait_for(lambda: any(call.path == "/v1/charges" for call in calls))

        stop(run, word)

        worker.seconds_to_end(AT_MOST)
        assert not worker.works
        assert_it_stands_still(run, calls)
    stripe.faults()
    assert_it_goes_on_to_the_end(run)


@either
def test_while_stripe_fails_and_the_next_try_is_some_way_off(run, stripe, monkeypatch, word):
    monkeypatch.setattr(gateway.random, "uniform", lambda low, high: 60.0)  # the pause between two tries
    monkeypatch.setattr(gateway, "LONGEST_PAUSE", 60.0)
    stripe.faults(**{"500": 1.0, "paths": "/v1/charges"})
    with calls_logged() as calls, AWorker() as worker:
        wait_for(lambda: any(call.status == 500 for call in calls))

        stop(run, word)

        worker.seconds_to_end(AT_MOST)
        assert not worker.works
        assert_it_stands_still(run, calls)


@either
def test_while_the_rate_budget_is_empty(run, stripe, word):
    turns._here.leases.default_factory = turns.Lease  # as in production, where nobody has one for ever
    rate_budget.pause(rate_budget.ALL, 60)
    with calls_logged() as calls, AWorker() as worker:
        wait_for(lambda: ResyncPart.objects.filter(state=ResyncPart.State.RUNNING).exists())

        stop(run, word)

        worker.seconds_to_end(AT_MOST)
        assert not worker.works
        assert calls == []
        assert_it_stands_still(run, calls)


@either
def test_between_the_answer_and_what_is_written_of_it(run, stripe, word):
    """The page that was asked for is not written any more."""
    stripe.faults(slow=1.0, delay=1.0, paths="/v1/charges")
    with calls_logged() as calls, AWorker() as worker:
        wait_for(lambda: any(call.path == "/v1/charges" for call in calls))

        stop(run, word)

        worker.seconds_to_end(AT_MOST)
        assert not worker.works
        assert not ObjectState.objects.filter(type="charge").exists()
        assert_it_stands_still(run, calls)
    stripe.faults()
    assert_it_goes_on_to_the_end(run)


@either
def test_while_a_page_is_written(run, stripe, monkeypatch, word):
    """Either the whole page stands, and is counted, or nothing of it."""
    inside = []

    def slowly(keep: Callable) -> Callable:
        def within_the_transaction(part, *given, **named):
            keep(part, *given, **named)
            if part.step["type"] == "customer" and not inside:
                inside.append(part.pk)
                time.sleep(0.5)

        return within_the_transaction

    monkeypatch.setattr(in_hand, "keep", slowly(in_hand.keep))
    stripe.faults(slow=1.0, delay=0.1)  # as Stripe itself; SQLite's one lock is free meanwhile
    with AWorker() as worker:
        wait_for(lambda: bool(inside))

        stop(run, word)

        worker.seconds_to_end(AT_MOST)
        assert not worker.works
        assert_it_stands_still(run)
    stripe.faults()
    assert_it_goes_on_to_the_end(run)


@pytest.mark.long
def test_at_whatever_moments(run, stripe):
    """Paused and resumed again and again, then cancelled."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for number in range(MOMENTS):
        with AWorker() as worker:
            time.sleep(chance.uniform(0, 1.0))  # the moment is the test, not a wait for something
            try:
                stop(run, "cancel" if number == MOMENTS - 1 else "pause")
            except control.NotPossible:  # it was faster than the moment
                run = request_resync("all", now=timezone.now()).run
                continue
            worker.seconds_to_end(AT_MOST)
            assert not worker.works
        before = everything()
        assert half_written() == []
        time.sleep(BREATH)
        assert everything() == before
        if run.state == ResyncRun.State.PAUSED:
            control.resume(run.pk, now=timezone.now(), by=None)
    run = resync("all")
    assert (run.state, run.failed) == (ResyncRun.State.COMPLETE, 0)
    assert half_written() == []
