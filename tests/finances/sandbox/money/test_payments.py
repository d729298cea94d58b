"""How an invoice is charged, what a refusal leaves behind, and what the next attempts do."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from finances.sandbox.engine.clock import DAY
from finances.sandbox.objects.declines import AUTHENTICATION, BLOCKED, DECLINES, FAILED_3DS, POOR, RETURNS, STOLEN
from tests.finances.sandbox import specification
from tests.finances.sandbox.desk import Desk


def test_a_charge_that_goes_well_pays_intent_payment_and_invoice() -> None:
    desk = Desk()
    desk.payments.add_card(desk.customer_id)

    invoice_id, charge = desk.paid_invoice(5_000)

    invoice, intent, payment = desk.store[invoice_id], desk.intent(invoice_id), desk.payments.payment_of(invoice_id)
    assert (charge["status"], charge["amount_captured"], charge["failure_code"]) == ("succeeded", 5_000, None)
    assert (intent["status"], intent["amount_received"], intent["latest_charge"]) == ("succeeded", 5_000, charge["id"])
    assert (payment["status"], payment["amount_paid"]) == ("paid", 5_000)
    assert (invoice["status"], invoice["amount_paid"], invoice["amount_remaining"]) == ("paid", 5_000, 0)
    assert invoice["attempt_count"] == 1
    assert invoice["next_payment_attempt"] is None


def test_a_receipt_has_a_number_once_it_was_sent() -> None:
    desk = Desk()
    desk.payments.add_card(desk.customer_id)

    invoice_id, charge = desk.paid_invoice(5_000)
    _, other = desk.paid_invoice(5_000)

    assert re.fullmatch(r"\d{4}-\d{4}", charge["receipt_number"])
    assert desk.store[invoice_id]["receipt_number"] == charge["receipt_number"] != other["receipt_number"]
    for each in (charge, desk.store[invoice_id]):
        assert specification.problems_of_object(each) == []


def test_who_has_no_e_mail_and_who_did_not_pay_gets_no_receipt() -> None:
    desk = Desk(decline=POOR)
    desk.payments.add_card(desk.customer_id)
    invoice_id = desk.invoice(5_000)
    assert not desk.payments.attempt(invoice_id, succeeds=False)
    desk.books.change(desk.customer_id, email=None)

    paid_id, paid = desk.paid_invoice(5_000)

    (refused,) = desk.charges(invoice_id)
    assert refused["receipt_number"] is paid["receipt_number"] is desk.store[paid_id]["receipt_number"] is None


def test_a_bank_debits_receipt_is_sent_when_the_bank_has_paid() -> None:
    desk = Desk(method="sepa_debit")
    desk.payments.add_card(desk.customer_id)
    invoice_id, waits = desk.paid_invoice(5_000, "eur")
    assert waits["receipt_number"] is None

    desk.pass_days(7)

    assert desk.charges(invoice_id)[-1]["receipt_number"]


@pytest.mark.parametrize("decline", DECLINES, ids=lambda decline: decline.decline_code)
def test_each_decline_says_why_on_the_charge_and_on_the_intent(decline) -> None:
    desk = Desk(decline=decline)
    desk.payments.add_card(desk.customer_id)
    invoice_id = desk.invoice(5_000)

    assert not desk.payments.attempt(invoice_id, succeeds=False)

    (charge,) = desk.charges(invoice_id)
    error = desk.intent(invoice_id)["last_payment_error"]
    assert (charge["status"], charge["paid"], charge["balance_transaction"]) == ("failed", False, None)
    assert (charge["failure_code"], charge["failure_message"]) == (decline.code, decline.message)
    assert charge["outcome"]["network_decline_code"] == decline.network
    assert charge["outcome"]["advice_code"] == decline.advice_code
    assert (error["code"], error["decline_code"], error["charge"]) == (decline.code, decline.decline_code, charge["id"])
    assert error["payment_method"]["id"] == charge["payment_method"]
    for each in (charge, desk.intent(invoice_id), desk.store[invoice_id]):
        assert specification.problems_of_object(each) == []


def test_radar_blocks_without_asking_the_bank() -> None:
    desk = Desk(decline=BLOCKED)
    invoice_id = desk.invoice(5_000)

    desk.payments.attempt(invoice_id, succeeds=False)

    outcome = desk.charges(invoice_id)[0]["outcome"]
    assert (outcome["type"], outcome["network_status"]) == ("blocked", "not_sent_to_network")
    assert (outcome["reason"], outcome["risk_level"]) == ("highest_risk_level", "highest")
    assert outcome["risk_score"] >= 75


def test_a_card_that_needs_authentication_leaves_the_intent_waiting_for_its_owner() -> None:
    desk = Desk(decline=AUTHENTICATION)
    invoice_id = desk.invoice(5_000)

    desk.payments.attempt(invoice_id, succeeds=False)

    intent = desk.intent(invoice_id)
    assert (intent["status"], intent["next_action"]["type"]) == ("requires_action", "use_stripe_sdk")
    assert "payment_intent.requires_action" in desk.events(intent["id"])
    assert "invoice.payment_action_required" in desk.events(invoice_id)


def test_failed_3d_secure_stops_before_any_charge() -> None:
    desk = Desk(decline=FAILED_3DS)
    invoice_id = desk.invoice(5_000)

    desk.payments.attempt(invoice_id, succeeds=False)

    intent = desk.intent(invoice_id)
    assert desk.charges(invoice_id) == []
    assert (intent["status"], intent["latest_charge"]) == ("requires_payment_method", None)
    assert intent["last_payment_error"]["code"] == "payment_intent_authentication_failure"
    assert specification.problems_of_object(intent) == []


def test_refusals_are_tried_again_after_3_5_and_7_days_and_then_no_more() -> None:
    desk = Desk(decline=POOR)
    invoice_id = desk.invoice(5_000, subscription=desk.subscription())
    waits = []

    for _ in range(4):
        desk.payments.attempt(invoice_id, succeeds=False)
        planned = desk.store[invoice_id]["next_payment_attempt"]
        waits.append((planned - desk.books.at) // DAY if planned else None)

    assert waits == [3, 5, 7, None]
    assert desk.store[invoice_id]["attempt_count"] == 4
    assert desk.customer()["delinquent"] is True
    assert len({each["id"] for each in desk.charges(invoice_id)}) == 4


def test_the_first_invoice_of_a_subscription_is_not_tried_again() -> None:
    desk = Desk()
    invoice_id = desk.invoice(5_000, reason="subscription_create", subscription=desk.subscription())

    desk.payments.attempt(invoice_id, succeeds=False)

    assert desk.store[invoice_id]["next_payment_attempt"] is None


def test_a_card_that_came_later_pays_what_the_old_one_refused() -> None:
    for seed in range(30):  # somebody among them gives a new card before the next attempt
        desk = Desk(seed, quiet=False, refusals=1.0, decline=STOLEN)
        old = desk.payments.add_card(desk.customer_id)
        if old["type"] != "card":
            continue
        invoice_id = desk.invoice(5_000, subscription=desk.subscription())
        desk.payments.attempt(invoice_id)
        desk.pass_days(3)
        new = desk.customer()["invoice_settings"]["default_payment_method"]
        if new == old["id"]:
            continue

        assert desk.payments.attempt(invoice_id, succeeds=True)

        first, *_, last = desk.charges(invoice_id)
        assert (first["status"], first["payment_method"]) == ("failed", old["id"])
        assert (last["status"], last["payment_method"]) == ("succeeded", new)
        assert desk.customer()["delinquent"] is False
        return
    pytest.fail("nobody changed a card")


@pytest.mark.parametrize("kind", ["sepa_debit", "us_bank_account"])
def test_a_bank_debit_is_pending_for_days_and_then_pays(kind: str) -> None:
    desk = Desk(method=kind)
    desk.payments.add_card(desk.customer_id)
    invoice_id = desk.invoice(5_000, "eur" if kind == "sepa_debit" else "usd")
    told: list[str] = []
    desk.payments.when_paid = told.append

    assert desk.payments.attempt(invoice_id)

    (pending,) = desk.charges(invoice_id)
    assert (pending["status"], pending["paid"], pending["balance_transaction"]) == ("pending", False, None)
    assert pending["id"].startswith("py_")
    assert (desk.intent(invoice_id)["status"], desk.store[invoice_id]["status"]) == ("processing", "open")
    assert specification.problems_of_object(pending) == []
    desk.pass_days(7)
    (good,) = desk.charges(invoice_id)
    assert (good["status"], good["paid"]) == ("succeeded", True)
    assert desk.store[good["balance_transaction"]]["type"] == "payment"
    assert (desk.store[invoice_id]["status"], told) == ("paid", [invoice_id])
    assert desk.store[invoice_id]["attempt_count"] == 1
    assert desk.events(good["id"]) == ["charge.pending", "charge.succeeded"]
    assert specification.problems_of_object(good) == []


def test_a_bank_debit_that_comes_back_is_tried_again() -> None:
    desk = Desk(method="sepa_debit", refusals=1.0)
    desk.payments.add_card(desk.customer_id)
    invoice_id = desk.invoice(5_000, "eur", subscription=desk.subscription())
    told: list[str] = []
    desk.payments.when_refused = told.append

    desk.payments.attempt(invoice_id)
    desk.pass_days(7)

    (failed,) = desk.charges(invoice_id)
    assert (failed["status"], failed["failure_code"]) in [("failed", each.code) for each in RETURNS["sepa_debit"]]
    assert desk.intent(invoice_id)["last_payment_error"]["code"] == failed["failure_code"]
    assert told == [invoice_id]
    assert desk.store[invoice_id]["next_payment_attempt"] > desk.books.at - 5 * DAY
    assert specification.problems_of_object(failed) == []
    assert specification.problems_of_object(desk.intent(invoice_id)) == []


def test_a_voided_invoice_cancels_what_would_have_paid_it() -> None:
    desk = Desk()
    invoice_id = desk.invoice(5_000)

    desk.payments.void(invoice_id)

    assert desk.store[invoice_id]["status"] == "void"
    assert desk.payments.payment_of(invoice_id)["status"] == "canceled"
    assert (desk.intent(invoice_id)["status"], desk.intent(invoice_id)["cancellation_reason"]) == (
        "canceled",
        "void_invoice",
    )


def test_money_that_stripe_never_saw_pays_an_invoice_without_a_charge() -> None:
    desk = Desk()
    invoice_id = desk.invoice(5_000, sent=True)

    desk.payments.pay_out_of_band(invoice_id)

    invoice = desk.store[invoice_id]
    assert (invoice["status"], invoice["amount_paid"], invoice["amount_paid_off_stripe"]) == ("paid", 5_000, 5_000)
    assert desk.payments.payment_of(invoice_id)["status"] == "canceled"
    assert desk.all("charge") == []
    assert "invoice.payment_succeeded" not in desk.events(invoice_id)
    assert specification.problems_of_object(invoice) == []


def test_nothing_is_charged_for_a_customer_who_was_deleted() -> None:
    desk = Desk()
    invoice_id = desk.invoice(5_000)
    desk.store.delete(desk.customer_id, {"id": desk.customer_id, "object": "customer", "deleted": True})

    assert desk.payments.attempt(invoice_id)

    assert desk.all("charge") == []
    assert desk.store[invoice_id]["status"] == "open"


def test_quiet_customers_have_no_mishaps() -> None:
    desk = Desk()
    desk.payments.add_card(desk.customer_id)

    charges = [desk.paid_invoice(1_000 + n)[1] for n in range(120)]
    desk.pass_days(90)

    assert {each["status"] for each in charges} == {"succeeded"}
    assert desk.all("refund") == desk.all("dispute") == desk.all("credit_note") == []


def test_a_story_is_told_once_for_the_first_payment_that_goes_well() -> None:
    desk = Desk()
    habits = desk.payments.habits[desk.customer_id]
    desk.payments.habits[desk.customer_id] = replace(habits, refund="part")

    _, first = desk.paid_invoice(5_000)
    desk.paid_invoice(5_000)
    desk.pass_days(10)

    refund = desk.only("refund")
    assert refund["charge"] == first["id"]
    assert 0 < refund["amount"] < 5_000
