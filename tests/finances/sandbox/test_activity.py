"""The business that never quite sleeps keeps its books in order, and some invoices open."""

from __future__ import annotations

from finances.sandbox import Sandbox
from finances.sandbox.activity import Activity
from tests.finances.sandbox.conftest import NOW, Caller


def test_four_hundred_happenings_leave_consistent_books() -> None:
    sandbox = Sandbox(customers=60, months=3, seed=7, now=NOW)
    stripe = Caller(sandbox.start())
    before = len(stripe.every("/v1/customers"))
    activity = Activity(sandbox, seed=7)

    for _ in range(400):
        sandbox.clock.advance(1_800)
        activity.happen()

    assert len(stripe.every("/v1/customers")) > before
    assert stripe.every("/v1/invoices?status=open")
    for invoice in stripe.every("/v1/invoices"):
        assert invoice["amount_remaining"] == invoice["amount_due"] - invoice["amount_paid"]
    assert stripe.customer("nadia@rahman.example")["delinquent"]
    made = {each["type"] for each in stripe.every("/v1/events")}
    assert {"customer.created", "customer.updated", "customer.subscription.updated", "invoice.paid"} <= made
    assert {"payment_method.attached", "charge.refunded", "refund.created", "credit_note.created"} <= made
    sandbox.stop()


def test_it_runs_by_itself() -> None:
    sandbox = Sandbox(customers=14, months=1, seed=7, now=NOW)
    stripe = Caller(sandbox.start())
    before = stripe.get("/v1/events?limit=1").json["data"][0]["id"]

    sandbox.activity.set({"every": 0.05})

    while stripe.get("/v1/events?limit=1").json["data"][0]["id"] == before:
        pass
    sandbox.stop()
