"""A run gives way to one that somebody waits for, and is read to its end all the same, however little may be called."""

import pytest

from finances import gateway
from finances.models import Customer, Invoice, PaymentMethod, RateBudget, ResyncRun
from finances.rate_budget import bucket, turns
from finances.resync import run as running
from finances.resync.request import request_resync
from tests.finances.resync.resyncing import NOW, ada, clock, resync

pytestmark = pytest.mark.django_db


@pytest.fixture
def few_calls(monkeypatch):
    """So few a second that a page waits many times, and asks each time whether to stop."""

    def limit() -> None:
        monkeypatch.setattr(bucket, "limit_of", lambda scope: 6)
        RateBudget.objects.all().delete()
        monkeypatch.setattr(turns, "_here", turns.Process())  # as in production, where nobody has a lease for ever
        monkeypatch.setattr(gateway, "LOOK", 0.01)

    return limit


def has_ended(run: ResyncRun) -> bool:
    run.refresh_from_db()
    return run.state not in ("queued", "running")


def test_a_turn_that_is_over_before_a_page_is_reads_that_page(stripe, few_calls):
    resync("customer")
    run = request_resync("payment_method", now=NOW).run
    few_calls()
    stripe.forget_calls()

    running.work_off(run.pk, clock, turn_is_over=lambda: True)

    assert run.parts.get(number=0).state == "done"
    assert stripe.calls()["GET /v1/payment_methods"] == Customer.objects.count()


def test_one_run_alone_waits_for_no_other_one(stripe, few_calls):
    resync("customer")
    request_resync(ada(stripe), now=NOW)
    run = request_resync("payment_method", now=NOW).run
    few_calls()

    running.work_off(run.pk, clock)

    assert has_ended(run)
    assert run.state == "complete"


@pytest.mark.parametrize("target", ["payment_method", "invoice"])
def test_while_somebody_always_waits_for_another_run_each_page_is_read_in_the_end(
    stripe, few_calls, monkeypatch, target
):
    if target == "payment_method":
        resync("customer")
    else:
        resync("product")  # each invoice's customer and subscription are read before the page is written
    run = request_resync(target, now=NOW).run
    few_calls()
    stripe.forget_calls()
    monkeypatch.setattr(running, "somebody_waits", lambda part, now: True)

    turns_taken = 0
    while not has_ended(run):
        running.work_on(running.claim_next(NOW), clock)
        turns_taken += 1
        assert turns_taken < 40

    called = sum(stripe.calls().values())
    assert run.state == "complete"
    assert turns_taken > 1
    read = {"payment_method": PaymentMethod, "invoice": Invoice}[target].objects.count()
    assert read == sum(1 for _ in truth(stripe, target))
    assert run.calls == called  # those of what was dropped, too


def truth(stripe, target: str) -> list:
    if target == "invoice":
        return stripe.all("/v1/invoices")
    everyone = stripe.all("/v1/customers")
    return [it for each in everyone for it in stripe.all("/v1/payment_methods", customer=each["id"])]
