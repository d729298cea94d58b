"""Disputes: what they take, until when they can be answered, how they end."""

from __future__ import annotations

import pytest

from finances.sandbox.engine.clock import DAY
from tests.finances.sandbox import specification
from tests.finances.sandbox.desk import Desk, Json


def disputed(fate: str) -> tuple[Desk, Json]:
    desk = Desk()
    _, charge = desk.paid_invoice(5_000)
    made = desk.payments.disputes.open(charge["id"], fate, "fraudulent")
    assert made is not None
    return desk, made


def test_a_dispute_takes_the_amount_and_a_fee_and_waits_for_an_answer() -> None:
    desk, made = disputed("open")

    (taken,) = made["balance_transactions"]
    assert made["status"] == "needs_response"
    assert (taken["type"], taken["reporting_category"]) == ("adjustment", "dispute")
    assert (taken["amount"], taken["fee"], taken["net"]) == (-5_000, 1_500, -6_500)
    assert made["evidence_details"]["due_by"] > desk.books.at + 7 * DAY
    assert made["evidence_details"]["has_evidence"] is False
    assert desk.store[made["charge"]]["disputed"] is True
    assert desk.events(made["id"]) == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    assert specification.problems_of_object(made) == []


def test_one_that_nobody_answers_is_lost_when_its_time_is_over() -> None:
    desk, made = disputed("open")

    desk.pass_days(21)

    lost = desk.store[made["id"]]
    assert (lost["status"], lost["evidence_details"]["past_due"]) == ("lost", True)
    assert lost["evidence_details"]["submission_count"] == 0
    assert len(lost["balance_transactions"]) == 1
    assert desk.events(made["id"])[-1] == "charge.dispute.closed"


@pytest.mark.parametrize("fate", ["won", "lost"])
def test_one_that_is_answered_is_under_review_and_then_won_or_lost(fate: str) -> None:
    desk, made = disputed(fate)
    while desk.store[made["id"]]["status"] == "needs_response":
        desk.pass_days(1)

    answered = desk.store[made["id"]]
    assert answered["status"] == "under_review"
    assert desk.books.at <= answered["evidence_details"]["due_by"] + DAY
    assert (answered["evidence_details"]["has_evidence"], answered["evidence_details"]["submission_count"]) == (True, 1)
    assert answered["evidence"]["product_description"]
    desk.pass_days(90)
    closed = desk.store[made["id"]]
    assert closed["status"] == fate
    assert sum(each["amount"] for each in closed["balance_transactions"]) == (0 if fate == "won" else -5_000)
    assert ("charge.dispute.funds_reinstated" in desk.events(made["id"])) is (fate == "won")
    assert specification.problems_of_object(closed) == []


@pytest.mark.parametrize("fate", ["warning", "warning_closed"])
def test_an_inquiry_takes_no_money_and_closes(fate: str) -> None:
    desk, made = disputed(fate)
    assert (made["status"], made["balance_transactions"]) == ("warning_needs_response", [])
    assert made["payment_method_details"]["card"]["case_type"] == "inquiry"
    assert made["is_charge_refundable"] is True

    desk.pass_days(100)

    assert desk.store[made["id"]]["status"] == "warning_closed"
    assert desk.store[made["id"]]["balance_transactions"] == []


def test_only_cards_are_disputed_and_each_charge_once() -> None:
    desk, made = disputed("open")
    assert desk.payments.disputes.open(made["charge"], "open", "general") is None

    desk.payments.habits[desk.customer_id].method = "link"
    desk.payments.add_card(desk.customer_id)
    _, charge = desk.paid_invoice(5_000)
    assert desk.payments.disputes.open(charge["id"], "open", "general") is None


def test_what_was_refunded_before_is_not_disputed_again() -> None:
    desk = Desk()
    _, charge = desk.paid_invoice(5_000)
    desk.payments.refunds.start(charge["id"], 1_000, None)

    made = desk.payments.disputes.open(charge["id"], "open", "general")

    assert made is not None
    assert made["amount"] == 4_000
