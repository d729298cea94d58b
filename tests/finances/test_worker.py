"""A worker's threads: woken by a task, or by nothing at all."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from finances import worker as working
from finances.exports.request import request_export
from finances.gateway import Gateway
from finances.models import (
    CatchUp,
    Delivery,
    DirtyDay,
    DirtyProduct,
    Export,
    Incident,
    RefusedPosts,
    Replay,
    ResyncPart,
    ResyncRun,
    WorkerHeartbeat,
)
from finances.reads.webhooks import Conditions
from finances.resync.claiming import claim_next
from finances.resync.control import cancel
from finances.resync.request import request_resync
from finances.webhooks.catch_up import request_catch_up
from finances.webhooks.replay import request_replay
from tests.factories import a_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker():
    running = working.Worker()
    running.start()
    yield running
    running.stop()


def wait_until(condition, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def arrive(object_id: str) -> None:
    Delivery.objects.create(
        event_id=f"evt_{object_id}",
        event_type="product.updated",
        object_id=object_id,
        object_type="product",
        payload={},
        created_at=datetime.now(UTC),
        received_at=datetime.now(UTC),
    )


def test_a_run_is_worked_on_soon_after_it_was_asked_for(stripe, worker):
    run = request_resync("product", now=timezone.now()).run

    wait_until(lambda: ResyncRun.objects.get(pk=run.pk).state == "complete")


def test_an_export_is_made_soon_after_it_was_asked_for(stripe, worker):
    person = a_user("Finance")
    asked = request_export("customers", format="xlsx", conditions="", zone="UTC", now=timezone.now(), by=person)

    wait_until(lambda: Export.objects.get(pk=asked.export.pk).state == "complete")


def test_the_sweep_finds_what_no_wake_up_came_for(stripe, worker):
    arrive(stripe.all("/v1/products")[0]["id"])

    wait_until(lambda: Delivery.objects.get().state == "processed")


def test_a_worker_says_that_it_is_alive_and_that_it_went(stripe):
    running = working.Worker()
    running.start()
    wait_until(lambda: WorkerHeartbeat.is_anyone_alive(timezone.now()))

    running.stop()

    assert not WorkerHeartbeat.objects.exists()


def test_a_worker_compares_with_stripes_events_when_it_starts(stripe, worker):
    wait_until(lambda: CatchUp.objects.filter(cause="start", state="complete").exists())


def test_a_worker_watches_over_the_sync(stripe):
    arrive("prod_1")
    Delivery.objects.update(state="quarantined")
    running = working.Worker()
    running.start()

    wait_until(lambda: Incident.objects.filter(kind="quarantine", closed_at=None).exists())

    running.stop()


def test_a_worker_throws_away_what_has_served_its_time(stripe):
    old = datetime.now(UTC) - timedelta(days=91)
    arrive("prod_1")
    Delivery.objects.update(state="processed", processed_at=old)
    RefusedPosts.objects.create(minute=old, reason="not JSON", count=1)
    running = working.Worker()
    running.start()

    wait_until(lambda: Delivery.objects.get().payload is None and not RefusedPosts.objects.exists())

    running.stop()


def test_a_drain_does_the_comparison_that_was_asked_for(stripe):
    request_catch_up(now=timezone.now())

    working.drain()

    assert CatchUp.objects.get().state == "complete"


def test_a_replay_that_cannot_be_read_keeps_no_delivery_waiting(stripe):
    arrive(stripe.all("/v1/products")[0]["id"])
    Replay.objects.create(conditions={"found_by": "what is no number"}, asked_at=timezone.now(), estimate=1)

    working.deliveries_due(timezone.now)

    assert Delivery.objects.get().state == "processed"


def test_a_replay_has_its_turn_while_more_comes_in_than_goes_out(stripe, monkeypatch):
    product = stripe.all("/v1/products")[0]["id"]
    arrive(product)
    Delivery.objects.update(state="quarantined")
    monkeypatch.setattr(working, "TURN", 0.05)
    come = iter(range(40))

    def one_more_each_time() -> datetime:
        """The clock: as time goes by, events come in."""
        if (number := next(come, None)) is not None:
            arrive(f"prod_{number}")
        if number == 2:
            request_replay(Conditions(event_id=f"evt_{product}"), now=timezone.now())
        return timezone.now()

    working.deliveries_due(one_more_each_time)

    done = dict(Delivery.objects.values_list("event_id", "processed_at"))
    assert done[f"evt_{product}"] < max(done.values())


def test_a_worker_that_never_started_can_be_stopped():
    working.Worker().stop()


def test_a_worker_that_is_stopped_hands_back_the_run_that_a_task_began(stripe, monkeypatch):
    pages = []
    page = Gateway.page

    def slow_page(self, type, **parameters):
        if type != "event":  # which the worker compares with, beside the run
            pages.append(type)
        time.sleep(0.3)
        return page(self, type, **parameters)

    monkeypatch.setattr(Gateway, "page", slow_page)
    run = request_resync("all", now=timezone.now()).run
    running = working.Worker()
    running.start()
    wait_until(lambda: pages)

    running.stop()

    assert ResyncRun.objects.get(pk=run.pk).state == "running"
    assert not ResyncPart.objects.filter(run=run, state="running").exists()
    assert len(pages) < 6


def test_a_surprise_does_not_end_the_worker(stripe, monkeypatch):
    surprises = []

    def surprise(clock, *, stop) -> int:
        surprises.append(1)
        raise RuntimeError("surprise")

    monkeypatch.setattr(working.processing, "process_due", surprise)
    running = working.Worker()
    running.start()

    wait_until(lambda: len(surprises) >= 2)

    running.stop()


def test_marked_days_are_not_summed_after_each_page_of_a_resync(request, stripe):
    run = request_resync("product", now=timezone.now()).run
    assert claim_next(timezone.now()) is not None  # somebody else is at it
    DirtyDay.objects.create(kind=DirtyDay.Kind.REVENUE, day=date(2026, 11, 1))
    DirtyProduct.objects.create(product_id="prod_x")
    request.getfixturevalue("worker")
    wait_until(lambda: not DirtyDay.objects.exists() and not DirtyProduct.objects.exists())
    time.sleep(working.POLL)  # until it has seen that nothing is marked

    DirtyDay.objects.create(kind=DirtyDay.Kind.REVENUE, day=date(2026, 11, 1))
    time.sleep(2.5 * working.SWEEP)
    assert DirtyDay.objects.exists()

    cancel(run.pk, now=timezone.now(), by=None)
    wait_until(lambda: not DirtyDay.objects.exists())
