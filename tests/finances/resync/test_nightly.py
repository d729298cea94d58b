"""When a sample is asked for by itself, and what becomes of it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from djstripe import models as djstripe

from finances.models import Invoice, ListedMonth, ObjectState, ResyncFinding, ResyncRun
from finances.reads.completeness import completeness
from finances.resync import run as running
from finances.resync.nightly import sample_when_due
from finances.resync.request import request_resync
from finances.resync.steps import LISTED, OF_EACH
from tests.factories import seen
from tests.finances.resync.resyncing import resync

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
THREE = datetime(2026, 11, 23, 3, tzinfo=BERLIN)


@pytest.fixture
def something_here():
    seen("cus_1")


def test_it_is_due_from_three_in_the_accounts_zone_once_a_day(something_here):
    assert sample_when_due(THREE - timedelta(seconds=1), BERLIN) is None

    run = sample_when_due(THREE, BERLIN)

    assert (run.kind, run.target, run.state, run.requested_by) == ("compare", "sample", "queued", None)
    assert run.reason == "Nightly sample"
    run.state = "complete"
    run.save()
    for hours in (1, 20, 23.9):
        assert sample_when_due(THREE + timedelta(hours=hours), BERLIN) is None
    assert sample_when_due(THREE + timedelta(days=1), BERLIN)


def test_one_that_stands_is_not_asked_for_twice(something_here):
    first = sample_when_due(THREE, BERLIN)

    assert sample_when_due(THREE + timedelta(days=1), BERLIN) is None
    assert ResyncRun.objects.get() == first


def test_one_that_was_paused_and_forgotten_makes_way_for_the_next_night(something_here):
    first = sample_when_due(THREE, BERLIN)
    ResyncRun.objects.update(state="paused")
    assert sample_when_due(THREE + timedelta(hours=2), BERLIN) is None

    second = sample_when_due(THREE + timedelta(days=1), BERLIN)

    first.refresh_from_db()
    assert (first.state, second.state) == ("cancelled", "queued")


def test_a_worker_that_was_off_at_night_makes_up_for_it(something_here):
    assert sample_when_due(THREE + timedelta(hours=14), BERLIN)


def test_nothing_is_due_where_nothing_was_ever_read():
    assert sample_when_due(THREE, BERLIN) is None


@pytest.mark.parametrize("state", ResyncRun.UNFINISHED)
def test_it_waits_until_everything_was_read(something_here, state):
    reading = ResyncRun.objects.create(target="all", state=state, created_at=THREE)
    assert sample_when_due(THREE, BERLIN) is None

    reading.state = "complete"
    reading.save()

    assert sample_when_due(THREE, BERLIN)


@pytest.mark.parametrize(("state", "is_due"), [("paused", True), ("running", False), ("queued", False)])
def test_a_resync_of_everything_that_was_paused_and_forgotten_stops_no_later_night(something_here, state, is_due):
    ResyncRun.objects.create(target="all", state=state, created_at=THREE - timedelta(hours=12))

    assert bool(sample_when_due(THREE, BERLIN)) is is_due


def test_a_sample_finds_what_changed_behind_our_back_and_writes_nothing(stripe):
    resync("all")
    invoices = [it["id"] for it in stripe.all("/v1/invoices")]
    for invoice in invoices:
        stripe.patch(invoice, description="changed behind our back")
    before = list(ObjectState.objects.order_by("pk").values_list("pk", "ticket", "seen_at", "created_at"))

    run = resync("sample", kind="compare")

    assert run.state == "complete"
    found = {finding.object_id for finding in ResyncFinding.objects.filter(run=run)}
    assert found
    assert found <= set(invoices)
    assert list(ObjectState.objects.order_by("pk").values_list("pk", "ticket", "seen_at", "created_at")) == before
    assert run.calls <= 60
    assert not ListedMonth.objects.filter(run=run).exists()


def later() -> datetime:
    """By a clock that is past all that the local Stripe has."""
    return timezone.now() + timedelta(minutes=5)


def read_everything(kind: str) -> None:
    request_resync("all", now=later(), kind=kind)
    running.run_due(later)


def test_a_resync_and_a_comparison_of_everything_say_what_stripe_lists(stripe):
    read_everything("resync")
    first = {each.type: each for each in completeness(LISTED, OF_EACH)}
    invoices = stripe.all("/v1/invoices")
    assert (first["invoice"].listed, first["invoice"].here) == (len(invoices), len(invoices))
    assert [each.type for each in first.values() if each.type not in OF_EACH and not each.newest] == []
    assert [each.type for each in first.values() if each.wrong or each.unread] == []

    gone = next(it["id"] for it in stripe.all("/v1/customers") if it["name"] == "Ada Lovelace")
    stripe.delete(gone)
    ObjectState.objects.filter(object_id=invoices[0]["id"]).delete()
    djstripe.Invoice.objects.filter(id=invoices[0]["id"]).delete()
    Invoice.objects.filter(id=invoices[0]["id"]).delete()
    read_everything("compare")

    after = {each.type: each for each in completeness(LISTED, OF_EACH)}
    assert after["invoice"].missing_here == 1
    assert after["customer"].missing_there == 1
    assert after["customer"].newest.compared
