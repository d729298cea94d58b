"""What becomes of payments over two years, and the customers to whom something always happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from finances.sandbox import Sandbox
from finances.sandbox.engine.clock import DAY
from tests.finances.sandbox.conftest import NOW
from tests.finances.sandbox.desk import Desk, Json

NOW_AT = int(NOW.timestamp())


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(customers=400, months=24, seed=7, now=NOW)
    yield made
    made.stop()


def of_customer(sandbox: Sandbox, email: str, kind: str) -> list[Json]:
    (customer,) = [each for each in sandbox.store.of_type("customer") if each.get("email") == email]
    return list(sandbox.store.of_type(kind, ("customer", customer["id"])))


def test_about_one_charge_in_twenty_fails_two_in_a_hundred_are_refunded_and_a_few_disputed(sandbox: Sandbox) -> None:
    charges = list(sandbox.store.of_type("charge"))
    good = [each for each in charges if each["status"] == "succeeded"]

    assert 0.03 < sum(each["status"] == "failed" for each in charges) / len(charges) < 0.08
    assert 0.01 < sum(each["amount_refunded"] > 0 for each in good) / len(good) < 0.035
    assert 0.001 < sum(each["disputed"] for each in good) / len(good) < 0.012


def test_there_is_some_of_everything(sandbox: Sandbox) -> None:
    def seen(kind: str, field: str) -> set[str]:
        return {each[field] for each in sandbox.store.of_type(kind)}

    reasons = Counter(
        each["outcome"]["reason"] for each in sandbox.store.of_type("charge") if each["status"] == "failed"
    )
    assert {"generic_decline", "insufficient_funds", "expired_card", "authentication_required"} <= set(reasons)
    assert len(reasons) >= 9
    assert {"succeeded", "failed"} <= seen("refund", "status")
    assert {"won", "lost", "needs_response"} <= seen("dispute", "status")
    assert seen("credit_note", "type") == {"pre_payment", "post_payment"}
    assert seen("credit_note", "status") == {"issued", "void"}
    assert {"card", "link", "sepa_debit", "us_bank_account"} == seen("payment_method", "type")
    assert {"paid", "failed", "in_transit"} == seen("payout", "status")
    assert {"adjustment", "applied_to_invoice", "credit_note"} <= seen("customer_balance_transaction", "type")
    assert {"succeeded", "requires_action", "requires_payment_method"} == seen("setup_intent", "status")
    assert any(each["amount_paid_off_stripe"] for each in sandbox.store.of_type("invoice"))


def test_no_open_invoice_waits_for_an_attempt_that_is_over(sandbox: Sandbox) -> None:
    for invoice in sandbox.store.of_type("invoice"):
        if invoice["status"] == "open" and invoice["next_payment_attempt"] is not None:
            assert invoice["next_payment_attempt"] > NOW_AT


def test_each_good_charge_is_of_a_method_that_takes_its_currency(sandbox: Sandbox) -> None:
    pairs = {
        (each["payment_method_details"]["type"], each["currency"])
        for each in sandbox.store.of_type("charge")
        if each["payment_method_details"]["type"] != "card"
    }

    assert pairs <= {("sepa_debit", "eur"), ("us_bank_account", "usd"), ("link", "usd"), ("link", "eur")}


def test_ruth_was_refunded_a_part(sandbox: Sandbox) -> None:
    (charge,) = of_customer(sandbox, "ruth@partial.example", "charge")

    assert 0 < charge["amount_refunded"] < charge["amount"]
    assert charge["refunded"] is False


def test_diego_disputes_a_charge_that_has_to_be_answered_within_days(sandbox: Sandbox) -> None:
    (charge,) = of_customer(sandbox, "diego@chargeback.example", "charge")
    (dispute,) = sandbox.store.of_type("dispute", ("charge", charge["id"]))

    assert (charge["disputed"], dispute["status"]) == (True, "needs_response")
    assert NOW_AT < dispute["evidence_details"]["due_by"] < NOW_AT + 15 * DAY


def test_hana_failed_3d_secure(sandbox: Sandbox) -> None:
    (intent,) = of_customer(sandbox, "hana@secure.example", "payment_intent")
    (subscription,) = of_customer(sandbox, "hana@secure.example", "subscription")

    assert intent["last_payment_error"]["code"] == "payment_intent_authentication_failure"
    assert (intent["status"], subscription["status"]) == ("requires_payment_method", "incomplete")


def test_the_bauers_bank_has_not_paid_yet(sandbox: Sandbox) -> None:
    (charge,) = of_customer(sandbox, "sepa@bauer.example", "charge")
    (invoice,) = of_customer(sandbox, "sepa@bauer.example", "invoice")

    assert (charge["status"], charge["payment_method_details"]["type"]) == ("pending", "sepa_debit")
    assert (invoice["status"], invoice["attempt_count"]) == ("open", 1)


def test_now_and_then_a_good_card_is_replaced() -> None:
    desk = Desk()
    owner = desk.new_customer(quiet=False)
    desk.payments.add_card(owner)
    first = desk.store[owner]["invoice_settings"]["default_payment_method"]

    for _ in range(400):
        desk.payments.attempt(desk.invoice(2_000, customer_id=owner), succeeds=True)
        desk.pass_days(1)

    assert desk.store[owner]["invoice_settings"]["default_payment_method"] != first
