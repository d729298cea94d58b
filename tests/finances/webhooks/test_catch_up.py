"""Stripe's list of events against ours: nothing that Stripe still has stays missed, whatever happens on the way."""

import os
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from finances.models import AuditEntry, CatchUp, Delivery, EventWatermark, ResyncRun, WorkerHeartbeat
from finances.reads.catch_ups import POLL, event_gap, schedule
from finances.webhooks import comparison
from finances.webhooks.catch_up import OVERLAP, request_catch_up, run_due
from tests.finances.webhooks.comparing import NOW, asked, counts, events, hold
from tests.local_stripe import LocalStripe

pytestmark = pytest.mark.django_db

FULL = bool(os.environ.get("PAYDESK_TEST_FULL"))


@pytest.fixture
def stripe(stripe) -> LocalStripe:
    """One that has made no event yet."""
    stripe.advance(seconds=1)  # the business comes from midnight to now, and what it did on the way is forgotten too
    for it in stripe.all("/v1/events"):
        stripe.delete(it["id"])
    return stripe


def whole_until(at: datetime, *, compared_at: datetime = NOW - POLL) -> None:
    """Workers compare all the time, the last time three minutes ago."""
    EventWatermark.objects.create(at=at, compared_at=compared_at)
    compared(compared_at)


def compared(at: datetime) -> None:
    fields = {"cause": "schedule", "state": "complete"} | dict.fromkeys(("since", "created_at", "finished_at"), at)
    CatchUp.objects.create(**fields)


def scheduled(now: datetime) -> CatchUp:
    """The comparison that the worker's clock brought about by then."""
    assert run_due(lambda: now) == 1
    return CatchUp.objects.latest("pk")


# --- What it finds --------------------------------------------------------------------------------------------------


def test_what_is_not_here_is_put_into_the_inbox_and_counted(stripe):
    ids = events(stripe, 5, at=NOW - timedelta(days=2))
    hold(*ids[:3])

    row = asked(since=NOW - timedelta(days=3))

    assert counts(row) == ("complete", 5, 3, 2)
    assert {it.event_id: (it.attempts, it.state) for it in row.found.all()} == dict.fromkeys(ids[3:], (0, "received"))
    assert Delivery.objects.get(event_id=ids[4]).created_at == NOW - timedelta(days=2)


@pytest.mark.guarantee("C1")
@pytest.mark.parametrize("seed", range(20 if FULL else 2))
def test_of_hundreds_of_events_in_one_second_none_is_lost_at_a_border_of_pages(stripe, seed):
    """Times cannot tell them apart: the list goes on after an id, and ids are compared as sets."""
    at = NOW - timedelta(days=2)
    ids = events(stripe, 330, at=at)
    held = random.Random(seed).sample(ids, 150)
    hold(*held)
    stripe.forget_calls()

    row = asked(since=at)

    assert counts(row) == ("complete", 330, 150, 180)
    assert set(Delivery.objects.values_list("pk", flat=True)) == set(ids)
    assert (row.calls, stripe.calls()) == (5, {"GET /v1/events": 5})  # the fifth asks for what was not delivered


def test_a_page_costs_the_same_queries_however_much_is_on_it(stripe, django_assert_num_queries):
    ids = events(stripe, 100, at=NOW - timedelta(days=2))
    hold(*ids[:50])
    row = request_catch_up(now=NOW, since=NOW - timedelta(days=3)).catch_up
    row = comparison.claim_next(NOW, row.pk)
    gateway = comparison.Gateway()

    with django_assert_num_queries(6):  # what is here, the new ones, what became of them, the row; a savepoint
        comparison._step(row, gateway, lambda: NOW)

    assert Delivery.objects.count() == 100


def test_an_event_of_a_stripe_whose_clock_is_ahead_is_taken(stripe):
    whole_until(NOW)
    made = stripe.advance(days=10)["events"]

    row = scheduled(timezone.now())

    assert made
    assert counts(row) == ("complete", made, 0, made)
    assert EventWatermark.objects.get().at == row.newest_at > timezone.now() + timedelta(days=5)


def test_what_is_no_event_is_passed_over(stripe):
    (good,) = events(stripe, 1, at=NOW - timedelta(days=1))
    events(stripe, 1, at=NOW - timedelta(days=1), name="bent", data=None)
    events(stripe, 1, at=NOW - timedelta(days=1), name="x" * 300)

    assert counts(asked(since=NOW - timedelta(days=2))) == ("complete", 1, 0, 1)
    assert Delivery.objects.get().pk == good


def test_a_webhook_that_is_quicker_than_the_comparison_keeps_its_row(stripe, monkeypatch):
    events(stripe, 1, at=NOW - timedelta(days=1))
    made = comparison.delivery_of

    def a_webhook_comes_first(event, now, **more):
        hold(event["id"])
        return made(event, now, **more)

    monkeypatch.setattr(comparison, "delivery_of", a_webhook_comes_first)
    row = asked(since=NOW - timedelta(days=2))

    assert counts(row) == ("complete", 1, 1, 0)
    assert Delivery.objects.get().found_by is None


def test_events_that_stripe_could_not_deliver_are_found_however_old(stripe):
    """Listed too late for the overlap: only Stripe's own word finds them. Once an hour, since it is one more call."""
    ResyncRun.objects.create(target="all", started_at=NOW - timedelta(days=20), created_at=NOW - timedelta(days=20))
    hour = NOW.replace(minute=0, second=0)
    whole_until(NOW - timedelta(hours=2), compared_at=hour - POLL)
    held, lost = events(stripe, 2, at=NOW - timedelta(days=9), pending_webhooks=1)
    events(stripe, 1, at=NOW - timedelta(days=9), name="delivered")
    hold(held)

    first = scheduled(hour)
    second = scheduled(hour + POLL)
    (later,) = events(stripe, 1, at=NOW - timedelta(days=8), name="later", pending_webhooks=1)
    third = scheduled(hour + POLL * 2)
    compared(hour + timedelta(hours=1) - POLL)
    fourth = scheduled(hour + timedelta(hours=1))

    assert [it.pk for it in first.found.all()] == [lost]
    assert counts(first) == ("complete", 1, 0, 1)
    assert [row.calls for row in (first, second, third, fourth)] == [2, 1, 1, 2]
    assert [it.pk for it in fourth.found.all()] == [later]


def test_no_more_than_twenty_pages_of_undelivered_ones_are_read(stripe, monkeypatch):
    """With another endpoint of the account broken, that list is as long as that of all events."""
    monkeypatch.setattr(comparison, "MOST_UNDELIVERED", 2)
    ResyncRun.objects.create(target="all", started_at=NOW - timedelta(days=20), created_at=NOW - timedelta(days=20))
    whole_until(NOW)
    hold(*events(stripe, 350, at=NOW - timedelta(days=9), pending_webhooks=1))

    assert asked().calls == 1 + 2


# --- The watermark ---------------------------------------------------------------------------------------------------


def test_an_event_that_stripe_lists_late_is_in_the_overlap_of_the_next_comparison(stripe):
    (newest,) = events(stripe, 1, at=NOW - timedelta(minutes=20))
    whole_until(NOW - timedelta(days=2))
    asked()
    assert EventWatermark.objects.get().event_id == newest
    (late,) = events(stripe, 1, at=NOW - timedelta(minutes=29), name="late")

    row = scheduled(NOW + POLL)

    assert row.since == NOW - timedelta(minutes=20) - OVERLAP
    assert counts(row) == ("complete", 2, 1, 1)
    assert row.found.get().pk == late


def test_a_scheduled_comparison_leaves_what_may_be_on_its_way_to_the_next(stripe):
    whole_until(NOW - timedelta(minutes=5))
    (young,) = events(stripe, 1, at=NOW - timedelta(seconds=20), name="young")
    (younger,) = events(stripe, 1, at=NOW - timedelta(seconds=10), name="younger")
    hold(younger)

    first = scheduled(NOW)
    assert counts(first) == ("complete", 1, 1, 0)
    assert EventWatermark.objects.get().at == NOW - timedelta(seconds=21)

    second = scheduled(NOW + POLL)
    assert [it.pk for it in second.found.all()] == [young]
    assert EventWatermark.objects.get().event_id == younger


def test_a_person_a_command_and_a_start_take_what_is_a_second_old(stripe, admin):
    WorkerHeartbeat.objects.create(worker="here", started_at=NOW, seen_at=NOW)
    whole_until(NOW - timedelta(minutes=5))
    events(stripe, 1, at=NOW, name="first")

    assert counts(scheduled(NOW)) == ("complete", 1, 0, 1)
    events(stripe, 1, at=NOW, name="second")
    assert counts(asked(by=admin)) == ("complete", 2, 1, 1)
    events(stripe, 1, at=NOW, name="third")
    assert counts(asked()) == ("complete", 3, 2, 1)
    assert list(CatchUp.objects.order_by("pk").values_list("cause", flat=True)[1:]) == ["start", "person", "command"]


def test_a_window_that_begins_after_the_watermark_does_not_move_it(stripe):
    whole_until(NOW - timedelta(days=5))
    events(stripe, 1, at=NOW - timedelta(hours=1))

    asked(since=NOW - timedelta(days=1))
    assert EventWatermark.objects.get().at == NOW - timedelta(days=5)

    asked(since=NOW - timedelta(days=6))
    assert EventWatermark.objects.get().at == NOW - timedelta(hours=1)


def test_where_nothing_happens_the_watermark_follows_a_day_behind(stripe):
    """Else 30 quiet days would look like a gap; and a clock of ours that is hours ahead loses nothing."""
    stripe.advance(seconds=1)
    (only,) = events(stripe, 1, at=NOW - timedelta(hours=1))
    whole_until(NOW - timedelta(hours=2))
    scheduled(NOW + timedelta(hours=3))
    assert EventWatermark.objects.get().at == NOW - timedelta(hours=1)

    scheduled(NOW + timedelta(days=20))
    assert EventWatermark.objects.get().at == NOW + timedelta(days=19)
    scheduled(NOW + timedelta(days=40))
    assert event_gap(NOW + timedelta(days=40)) is None
    assert Delivery.objects.get().pk == only


def test_the_first_comparison_begins_where_reading_began(stripe):
    """What Stripe made before anything was read is in what was read: its events are no loss."""
    events(stripe, 1, at=NOW - timedelta(days=4), name="before")
    (after,) = events(stripe, 1, at=NOW - timedelta(hours=20), name="after")
    ResyncRun.objects.create(target="all", started_at=NOW - timedelta(days=3), created_at=NOW - timedelta(days=3))

    row = scheduled(NOW)

    assert row.since == NOW - timedelta(days=3)
    assert [it.pk for it in row.found.all()] == [after]
    assert EventWatermark.objects.get().event_id == after


def test_where_nothing_was_ever_read_the_watermark_begins_now(stripe):
    events(stripe, 1, at=NOW - timedelta(days=2))

    assert counts(scheduled(NOW)) == ("complete", 0, 0, 0)
    assert EventWatermark.objects.get().at == NOW


def test_without_a_watermark_a_command_finds_all_that_stripe_still_has(stripe):
    ids = events(stripe, 3, at=NOW - timedelta(days=29), name="old") + events(stripe, 3, at=NOW)

    assert {it.pk for it in asked().found.all()} == set(ids)


# --- When --------------------------------------------------------------------------------------------------------


def test_one_comes_three_minutes_after_the_last_one_ended(stripe):
    scheduled(NOW)

    assert run_due(lambda: NOW + POLL - timedelta(seconds=1)) == 0
    assert run_due(lambda: NOW + POLL) == 1


def test_a_start_of_workers_brings_one_comparison_however_many_start(stripe):
    scheduled(NOW)
    for number in range(3):
        at = NOW + timedelta(seconds=60 + number)
        WorkerHeartbeat.objects.create(worker=f"worker {number}", started_at=at, seen_at=at)

    began = [run_due(lambda s=s: NOW + timedelta(seconds=s)) for s in range(60, 120)]

    assert sum(began) == 1
    assert CatchUp.objects.latest("pk").cause == "start"


@pytest.mark.parametrize(("late", "cause"), [(timedelta(0), "schedule"), (timedelta(minutes=1), "start")])
def test_one_that_is_late_is_that_of_a_start(stripe, late, cause):
    """Of a worker that has not given its first sign of life yet."""
    whole_until(NOW - timedelta(hours=1))

    assert scheduled(NOW + late).cause == cause


def test_a_worker_that_went_long_ago_brings_none(stripe):
    scheduled(NOW)
    at = NOW + timedelta(seconds=40)
    WorkerHeartbeat.objects.create(worker="gone", started_at=at, seen_at=at)

    assert run_due(lambda: NOW + timedelta(seconds=100)) == 0


def test_what_stripe_refuses_ends_it_with_a_sentence_and_the_pauses_grow(stripe, no_pauses):
    whole_until(NOW - timedelta(hours=1))
    stripe.faults(**{"500": 1.0})
    now, pauses = NOW, []
    for _ in range(6):
        row = scheduled(now)
        assert (row.state, row.finished_at) == ("failed", now)
        assert row.problem.startswith("Stripe answered with an error of its own")
        due = schedule().next_at
        assert run_due(lambda due=due: due - timedelta(seconds=1)) == 0
        pauses.append((due - now) / POLL)
        now = due

    assert pauses == [2, 3, 4, 5, 5, 5]
    assert EventWatermark.objects.get().at == NOW - timedelta(hours=1)
    stripe.faults()
    assert scheduled(now).state == "complete"


def test_a_request_leaves_who_asked(admin):
    requested = request_catch_up(now=NOW, by=admin, since=NOW - timedelta(days=1))

    entry = AuditEntry.objects.get(action="paydesk.catch_up.requested")
    assert (requested.already_running, requested.catch_up.cause) == (False, "person")
    assert (entry.actor, entry.detail["catch_up"]) == (admin, requested.catch_up.pk)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_requests_at_once_one_makes_the_comparison():
    def ask(_: int) -> bool:
        try:
            return request_catch_up(now=NOW).already_running
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as people:
        running = list(people.map(ask, range(20)))

    assert sorted(running) == [False] + [True] * 19
    assert (CatchUp.objects.count(), AuditEntry.objects.count()) == (1, 1)


# --- On the way ------------------------------------------------------------------------------------------------------


def test_asked_to_stop_it_hands_back_at_a_page_and_another_goes_on(stripe):
    ids = events(stripe, 330, at=NOW - timedelta(days=2))
    hold(*ids[::2])
    row = request_catch_up(now=NOW, since=NOW - timedelta(days=3)).catch_up
    answers = iter([False, False, False])

    run_due(lambda: NOW, stop=lambda: next(answers, True))
    assert counts(row) == ("queued", 200, 100, 100)
    stripe.forget_calls()
    run_due(lambda: NOW)

    assert counts(row) == ("complete", 330, 165, 165)
    assert stripe.calls() == {"GET /v1/events": 3}


def test_one_that_was_overtaken_writes_nothing_more(stripe):
    events(stripe, 3, at=NOW - timedelta(days=2))
    row = request_catch_up(now=NOW, since=NOW - timedelta(days=3)).catch_up
    slow = comparison.claim_next(NOW)
    assert comparison.claim_next(NOW + timedelta(seconds=10)) is None
    comparison.claim_next(NOW + timedelta(seconds=60))

    comparison.work_on(slow, lambda: NOW + timedelta(seconds=61))

    assert counts(row) == ("running", 0, 0, 0)
    assert not Delivery.objects.exists()


def test_it_begins_anew_where_the_event_of_its_place_is_gone(stripe):
    """Past the 30 days while it waited: what it found already still counts as found."""
    ids = events(stripe, 330, at=NOW - timedelta(days=2))
    hold(*ids[::2])
    row = request_catch_up(now=NOW, since=NOW - timedelta(days=3)).catch_up
    answers = iter([False, False, False])
    run_due(lambda: NOW, stop=lambda: next(answers, True))
    row.refresh_from_db()
    gone_was_held = row.place in ids[::2]
    stripe.delete(row.place)

    run_due(lambda: NOW)

    assert counts(row) == ("complete", 329, 165 - gone_was_held, 164 + gone_was_held)
    assert Delivery.objects.count() == 330
