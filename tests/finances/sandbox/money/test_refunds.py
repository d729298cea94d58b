"""Refunds: in part and in full, now or in some days, and the few that come back."""

from __future__ import annotations

from tests.finances.sandbox import specification
from tests.finances.sandbox.desk import Desk


def test_a_refund_in_part_leaves_the_rest_and_keeps_the_fee() -> None:
    desk = Desk()
    _, charge = desk.paid_invoice(5_000)

    made = desk.payments.refunds.start(charge["id"], 1_250, "duplicate")

    taken = desk.store[made["balance_transaction"]]
    refunded = desk.store[charge["id"]]
    assert (made["status"], made["reason"], made["payment_intent"]) == (
        "succeeded",
        "duplicate",
        charge["payment_intent"],
    )
    assert (refunded["amount_refunded"], refunded["refunded"]) == (1_250, False)
    assert (taken["type"], taken["amount"], taken["fee"], taken["net"]) == ("refund", -1_250, 0, -1_250)
    assert taken["source"] == made["id"]
    assert desk.events(charge["id"])[-1] == "charge.refunded"
    assert desk.events(made["id"]) == ["refund.created"]
    assert specification.problems_of_object(made) == []


def test_several_refunds_add_up_to_the_whole() -> None:
    desk = Desk()
    _, charge = desk.paid_invoice(5_000)

    desk.payments.refunds.start(charge["id"], 1_250, None)
    desk.payments.refunds.start(charge["id"], 3_750, "fraudulent")

    refunded = desk.store[charge["id"]]
    assert (refunded["amount_refunded"], refunded["refunded"]) == (5_000, True)
    assert refunded["fraud_details"] == {"user_report": "fraudulent"}
    assert desk.payments.refunds.possible(charge["id"]) == 0


def test_a_refund_that_fails_gives_the_money_back_to_the_balance() -> None:
    desk = Desk()
    _, charge = desk.paid_invoice(5_000)
    made = desk.payments.refunds.start(charge["id"], 5_000, None, fails=True)
    assert (made["status"], desk.store[charge["id"]]["refunded"]) == ("pending", True)
    assert specification.problems_of_object(made) == []

    desk.pass_days(9)

    failed = desk.store[made["id"]]
    back = desk.store[failed["failure_balance_transaction"]]
    assert failed["status"] == "failed"
    assert failed["failure_reason"]
    assert (back["type"], back["amount"]) == ("refund_failure", 5_000)
    assert (desk.store[charge["id"]]["amount_refunded"], desk.store[charge["id"]]["refunded"]) == (0, False)
    assert desk.events(made["id"]) == ["refund.created", "refund.updated", "charge.refund.updated", "refund.failed"]
    assert specification.problems_of_object(failed) == []


def test_a_refund_to_a_bank_account_takes_days() -> None:
    desk = Desk(method="us_bank_account")
    desk.payments.add_card(desk.customer_id)
    invoice_id = desk.invoice(5_000)
    desk.payments.attempt(invoice_id)
    desk.pass_days(7)
    (charge,) = desk.charges(invoice_id)

    made = desk.payments.refunds.start(charge["id"], 2_000, None)

    assert made["status"] == "pending"
    assert desk.store[made["balance_transaction"]]["type"] == "payment_refund"
    desk.pass_days(9)
    assert desk.store[made["id"]]["status"] == "succeeded"
    assert specification.problems_of_object(desk.store[made["id"]]) == []


def test_a_disputed_or_failed_charge_cannot_be_refunded() -> None:
    desk = Desk()
    _, charge = desk.paid_invoice(5_000)
    desk.payments.disputes.open(charge["id"], "open", "fraudulent")

    assert desk.payments.refunds.possible(charge["id"]) == 0
