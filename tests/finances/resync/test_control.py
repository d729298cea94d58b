"""Paused, resumed, cancelled, tried again: at once, with an entry each, and nothing of it half written."""

from datetime import timedelta

import pytest

from finances.gateway import Gateway
from finances.models import AuditEntry, Customer, Product, ResyncPart, ResyncRun
from finances.rate_budget import Turn
from finances.resync import claiming, control
from finances.resync import run as running
from finances.resync.control import NotPossible
from finances.resync.request import request_resync
from tests.finances.resync.resyncing import NOW, clock, ended, resync

pytestmark = pytest.mark.django_db


def actions() -> list[str]:
    of_runs = AuditEntry.objects.filter(action__startswith="paydesk.resync").order_by("id")
    return [each.removeprefix("paydesk.resync.") for each in of_runs.values_list("action", flat=True)]


def in_the_midst(monkeypatch, do) -> None:
    """`do` it while the first page is being read."""
    page, done = Gateway.page, []

    def interrupted(self, type, **more):
        answer = page(self, type, **more)
        if not done:
            done.append(type)
            do()
        return answer

    monkeypatch.setattr(Gateway, "page", interrupted)


@pytest.mark.guarantee("B3")
@pytest.mark.parametrize(("stop", "state"), [(control.pause, "paused"), (control.cancel, "cancelled")])
def test_what_is_stopped_writes_nothing_any_more_not_even_the_page_in_hand(stripe, admin, monkeypatch, stop, state):
    run = request_resync("customer", now=NOW).run
    in_the_midst(monkeypatch, lambda: stop(run.pk, now=NOW, by=admin, reason="Too busy"))

    running.run_due(clock)

    run.refresh_from_db()
    assert (run.state, run.done, Customer.objects.count()) == (state, 0, 0)
    assert not ResyncPart.objects.filter(state="running").exists()
    assert actions() == ["requested", state]
    entry = AuditEntry.objects.order_by("id").last()
    assert (entry.actor, entry.personal.body) == (admin, {"reason": "Too busy"})


def test_a_run_that_goes_on_ends_as_if_it_had_never_been_paused(stripe, admin, monkeypatch):
    run = request_resync("customer", now=NOW).run
    in_the_midst(monkeypatch, lambda: control.pause(run.pk, now=NOW, by=admin))
    running.run_due(clock)
    assert running.claim_next(NOW) is None

    control.resume(run.pk, now=NOW, by=admin)
    run = ended(run)

    assert (run.state, run.done) == ("complete", len(stripe.all("/v1/customers")))
    assert actions() == ["requested", "paused", "resumed", "complete"]


@pytest.mark.guarantee("B3")
def test_a_worker_that_waits_for_its_turn_lets_go_when_the_run_is_paused(stripe, admin, monkeypatch):
    monkeypatch.setattr("finances.gateway.rate_budget.take", lambda *_, **__: Turn(wait=1))
    run = request_resync("all", now=NOW).run
    slept = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 1:
            control.pause(run.pk, now=NOW, by=admin)
        assert sum(slept) < 5

    monkeypatch.setattr("finances.gateway.time.sleep", sleep)
    monkeypatch.setattr("finances.gateway.LOOK", 0.01)

    running.run_due(clock)

    assert slept
    assert ResyncRun.objects.get().state == "paused"
    assert not ResyncPart.objects.filter(state="running").exists()


def test_a_bulk_run_gives_way_to_what_somebody_waits_for(stripe, monkeypatch):
    bulk = request_resync("all", now=NOW).run
    customer = stripe.all("/v1/customers")[0]["id"]
    in_the_midst(monkeypatch, lambda: request_resync(customer, now=NOW + timedelta(seconds=1)))
    order = []
    claim = claiming.claim_next

    def noted(*arguments):
        part = claim(*arguments)
        order.append(part and part.run.target)
        return part

    monkeypatch.setattr(running, "claim_next", noted)

    running.run_due(lambda: NOW + timedelta(seconds=2))

    assert order[:3] == ["all", customer, customer]
    assert ResyncRun.objects.get(pk=bulk.pk).state == "complete"


def test_what_the_state_does_not_allow_is_said_and_changes_nothing(stripe, admin):
    run = resync("product")
    for do in (control.pause, control.resume, control.cancel):
        with pytest.raises(NotPossible, match="A run that is complete cannot be"):
            do(run.pk, now=NOW, by=admin)
    with pytest.raises(NotPossible, match="Nothing of this run failed"):
        control.retry_failed(run.pk, now=NOW, by=admin)

    assert actions() == ["requested", "complete"]


def test_the_parts_that_failed_are_tried_again_in_the_same_run(stripe, admin, no_pauses):
    stripe.faults(**{"500": 1.0, "paths": "/v1/products"})
    run = resync("all")
    assert (run.state, Product.objects.exists()) == ("partial", False)
    stripe.faults()
    before = run.done

    run = control.retry_failed(run.pk, now=NOW, by=admin)
    assert (run.state, run.failed, run.findings.filter(kind="failed").exists()) == ("queued", 0, False)
    run = ended(run)

    assert run.state == "complete"
    assert run.done >= before
    assert {it["id"] for it in stripe.all("/v1/products")} <= set(Product.objects.values_list("id", flat=True))
    assert actions() == ["requested", "partial", "retried", "complete"]


def test_the_objects_that_failed_are_read_one_by_one(stripe, admin):
    bad = stripe.all("/v1/customers")[3]
    stripe.patch(bad["id"], created="no time at all")
    run = resync("customer")
    assert run.state == "partial"
    stripe.patch(bad["id"], created=bad["created"])
    stripe.forget_calls()

    run = ended(control.retry_failed(run.pk, now=NOW, by=admin))

    assert (run.state, run.failed) == ("complete", 0)
    assert Customer.objects.filter(id=bad["id"]).exists()
    assert "GET /v1/customers" not in stripe.calls()


def test_a_retry_does_not_run_beside_another_one_for_the_same(stripe, admin):
    run = resync("cus_nobody")
    request_resync("cus_nobody", now=NOW)

    with pytest.raises(NotPossible, match="Another run for the same is under way"):
        control.retry_failed(run.pk, now=NOW, by=admin)

    run.refresh_from_db()
    assert (run.state, run.findings.count()) == ("partial", 1)
