"""Outages: of the webhooks, of a worker in the midst of a comparison. What Stripe still has is recovered."""

import os
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from finances.models import CatchUp, Delivery, EventWatermark, ResyncRun
from finances.reads.catch_ups import POLL, event_gap, without_webhooks
from finances.resync import run as resyncing
from finances.resync.request import request_resync
from finances.sandbox import Sandbox
from finances.webhooks import processing
from finances.webhooks.catch_up import request_catch_up, run_due
from tests.finances.webhooks.comparing import NOW, asked, counts, events, hold, objects_of, unlike_stripe
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


STOPPED = """
import sys, django
django.setup()
from django.utils import timezone
from finances.webhooks import catch_up, comparison

keep, seen = comparison._keep, 0

def stopping(row, **changes):
    global seen
    seen += "listed" in changes
    if seen == 2 and sys.argv[1] == "before":
        sys.stdout.write("here\\n"); sys.stdout.flush(); sys.stdin.read()
    keep(row, **changes)
    if seen == 2 and sys.argv[1] == "within":
        sys.stdout.write("here\\n"); sys.stdout.flush(); sys.stdin.read()

comparison._keep = stopping
catch_up.run_due(timezone.now)
"""


@pytest.mark.guarantee("A6", "C1")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ["before", "within"])
def test_killed_in_the_middle_another_process_reads_one_page_again_and_the_counts_are_right(stripe, settings, moment):
    """With the second page's events inserted, before and after its place is set: the page is whole or not there."""
    at = NOW - timedelta(days=2)
    ids = events(stripe, 330, at=at)
    hold(*ids[::2])
    row = request_catch_up(now=timezone.now(), since=at).catch_up
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "DEBUG": "true",
        "STRIPE_API_BASE": stripe.address,
    }
    child = subprocess.Popen(
        [sys.executable, "-c", STOPPED, moment],
        cwd=Path(__file__).parents[3],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert child.stdout.readline() == b"here\n"
    finally:
        child.kill()  # SIGKILL
        child.communicate()
    assert counts(row) == ("running", 100, 50, 50)
    stripe.forget_calls()

    assert run_due(timezone.now) == 0  # its lease stands
    run_due(lambda: timezone.now() + timedelta(seconds=50))

    assert counts(row) == ("complete", 330, 165, 165)
    assert row.calls - 1 == stripe.calls()["GET /v1/events"] == 4  # three pages, one of them again, and the undelivered
    assert set(Delivery.objects.values_list("pk", flat=True)) == set(ids)


def database_url() -> str:
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    password = f":{at['PASSWORD']}" if at["PASSWORD"] else ""
    return f"postgres://{at['USER']}{password}@{at['HOST']}:{at['PORT'] or 5432}/{at['NAME']}"


@pytest.fixture
def outage(settings):
    """A Stripe whose business was read whole; made as large as the test is long."""
    sandbox = Sandbox(customers=80 if FULL else 12, months=4 if FULL else 3, seed=11)
    settings.STRIPE_API_BASE = sandbox.start(port=0)
    stripe = LocalStripe(settings.STRIPE_API_BASE)
    stripe.advance(seconds=1)  # the business comes from midnight to now
    for it in stripe.all("/v1/events"):  # or what it did in the last hour is found with the outage's
        stripe.delete(it["id"])
    read_everything()
    run_due(timezone.now)
    processing.process_due(timezone.now)
    yield stripe
    sandbox.stop()


def read_everything() -> ResyncRun:
    run = request_resync("all", now=timezone.now()).run
    resyncing.run_due(timezone.now)
    run.refresh_from_db()
    assert run.state == "complete", run.problem
    return run


@pytest.mark.guarantee("C1")
@pytest.mark.parametrize("span", [1, 24, 72, 29 * 24], ids=lambda hours: f"{hours} h")
def test_after_an_outage_every_event_is_recovered_at_little_more_than_its_price(outage, span):
    """The floor: Stripe's list of events in pages of 100, and a read of each object concerned."""
    stripe = outage
    ada = next(it["id"] for it in stripe.all("/v1/customers") if it["name"] == "Ada Lovelace")
    stripe.patch(ada, name="Ada King", event="customer.updated")
    made = stripe.advance(hours=span)["events"] + 1
    stripe.forget_calls()

    row = asked(timezone.now())
    processing.process_due(timezone.now)

    calls = sum(stripe.calls().values())
    assert counts(row) == ("complete", made, 0, made)
    rows = row.found.all()
    assert {it.state for it in rows} <= {"processed", "ignored"}
    concerned = objects_of(rows)
    floor = -(-made // 100) + len(concerned)
    assert calls <= 1.5 * floor + 1  # and the question for what was not delivered
    assert unlike_stripe(stripe, concerned) == {}
    assert event_gap(timezone.now()) is None


@pytest.mark.guarantee("C1")
def test_past_30_days_the_gap_is_named_and_a_resync_of_everything_closes_it(outage):
    stripe = outage
    before = EventWatermark.objects.get().at
    made = stripe.advance(days=34)["events"]
    listed = stripe.all("/v1/events")
    assert len(listed) < made

    row = asked(timezone.now())
    processing.process_due(timezone.now)

    assert row.missed == len(listed)
    gap = event_gap(timezone.now())
    assert gap.since == before
    assert gap.until - before > timedelta(days=2)  # 34 less 30, and the local Stripe forgets by whole days
    concerned = objects_of(row.found.all())
    assert unlike_stripe(stripe, concerned) == {}

    request_resync("all", now=timezone.now(), since=timezone.now() - timedelta(days=1))
    resyncing.run_due(timezone.now)
    assert event_gap(timezone.now()) == gap  # it left out what was made before
    asked(timezone.now())
    assert event_gap(timezone.now()) == gap

    read_everything()
    assert event_gap(timezone.now()) is None
    asked(timezone.now())
    assert EventWatermark.objects.get().gap_found_at is None
    everything = {("invoice", it["id"]) for it in stripe.all("/v1/invoices")}
    assert unlike_stripe(stripe, everything) == {}


@pytest.mark.guarantee("C2")
def test_where_no_webhook_ever_arrives_polling_alone_converges_and_says_so(outage):
    stripe = outage
    customers = [it["id"] for it in stripe.all("/v1/customers")[:5]]
    chance, now = random.Random(3), timezone.now()
    for turn in range(6):
        for number in range(3):
            name = f"name {turn} {number}"
            stripe.patch(chance.choice(customers), name=name, event="customer.updated")
        stripe.advance(hours=12)  # three days in all: invoices are made in them, whatever the hour of the day is now
        now += POLL
        run_due(lambda: now)  # noqa: B023  (used up within this turn)
        processing.process_due(lambda: now)  # noqa: B023

    rows = Delivery.objects.all()
    assert {it.state for it in rows} <= {"processed", "ignored"}
    began = int(CatchUp.objects.earliest("pk").since.timestamp())
    listed = {it["id"] for it in stripe.all("/v1/events", **{"created[gte]": began})}
    assert set(rows.values_list("pk", flat=True)) == listed
    concerned = objects_of(rows)
    assert {"customer", "invoice"} <= {type_name for type_name, _ in concerned}
    assert unlike_stripe(stripe, concerned | {("customer", it) for it in customers}) == {}
    assert without_webhooks(now)
