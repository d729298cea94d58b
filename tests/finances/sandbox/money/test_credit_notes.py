"""Credit notes: before payment they lower what is asked for, after it they give back."""

from __future__ import annotations

import pytest

from tests.finances.sandbox import specification
from tests.finances.sandbox.desk import Desk, Json


def credited_before_payment() -> tuple[Desk, str, Json]:
    """An invoice of 10,000 that was sent, and the first credit note that does not cover all of it."""
    for seed in range(50):
        desk = Desk(seed)
        invoice_id = desk.invoice(10_000, sent=True)
        desk.payments.credit_notes.before_payment_by_chance(invoice_id)
        note = desk.only("credit_note")
        if note["amount"] < 10_000:
            return desk, invoice_id, note
    raise AssertionError


def test_before_payment_the_invoice_and_its_intent_ask_for_less() -> None:
    desk, invoice_id, note = credited_before_payment()

    invoice, left = desk.store[invoice_id], 10_000 - note["amount"]
    assert (note["type"], note["status"], note["pre_payment_amount"]) == ("pre_payment", "issued", note["amount"])
    assert (invoice["total"], invoice["amount_due"], invoice["amount_remaining"]) == (10_000, left, left)
    assert invoice["pre_payment_credit_notes_amount"] == note["amount"]
    assert desk.intent(invoice_id)["amount"] == desk.payments.payment_of(invoice_id)["amount_requested"] == left
    assert note["number"] == f"{invoice['number']}-CN-01"
    assert sum(line["amount"] for line in note["lines"]["data"]) == note["amount"]
    assert desk.events(note["id"]) == ["credit_note.created"]
    assert specification.problems_of_object(note) == []


def test_taken_back_it_asks_for_the_whole_again() -> None:
    desk, invoice_id, note = credited_before_payment()

    desk.payments.credit_notes.void(note["id"])

    invoice = desk.store[invoice_id]
    assert (desk.store[note["id"]]["status"], desk.store[note["id"]]["voided_at"]) == ("void", desk.books.at)
    assert (invoice["amount_due"], invoice["pre_payment_credit_notes_amount"]) == (10_000, 0)
    assert desk.events(note["id"]) == ["credit_note.created", "credit_note.updated", "credit_note.voided"]


def test_one_for_the_whole_leaves_nothing_to_pay() -> None:
    for seed in range(100):
        desk = Desk(seed)
        invoice_id = desk.invoice(10_000, sent=True)
        desk.payments.credit_notes.before_payment_by_chance(invoice_id)
        if desk.only("credit_note")["amount"] == 10_000:
            break

    invoice = desk.store[invoice_id]
    assert (invoice["status"], invoice["amount_due"], invoice["amount_paid"]) == ("paid", 0, 0)
    assert desk.intent(invoice_id)["status"] == "canceled"
    assert desk.all("charge") == []


@pytest.mark.parametrize("way", ["refund", "credit_balance", "out_of_band"])
def test_after_payment_the_money_goes_one_of_three_ways(way: str) -> None:
    desk = Desk()
    invoice_id, charge = desk.paid_invoice(10_000)

    note = desk.payments.credit_notes.after_payment(invoice_id, 25, way)

    assert note is not None
    assert (note["type"], note["post_payment_amount"], note["pre_payment_amount"]) == ("post_payment", 2_500, 0)
    assert desk.store[invoice_id]["post_payment_credit_notes_amount"] == 2_500
    assert desk.store[invoice_id]["amount_paid"] == 10_000
    assert desk.store[charge["id"]]["amount_refunded"] == (2_500 if way == "refund" else 0)
    assert [each["amount_refunded"] for each in note["refunds"]] == ([2_500] if way == "refund" else [])
    assert desk.customer()["balance"] == (-2_500 if way == "credit_balance" else 0)
    assert note["out_of_band_amount"] == (2_500 if way == "out_of_band" else None)
    if way == "credit_balance":
        kept = desk.store[note["customer_balance_transaction"]]
        assert (kept["type"], kept["amount"], kept["credit_note"]) == ("credit_note", -2_500, note["id"])
    assert specification.problems_of_object(note) == []


def test_no_more_is_given_back_than_was_paid() -> None:
    desk = Desk()
    invoice_id, _ = desk.paid_invoice(10_000)

    desk.payments.credit_notes.after_payment(invoice_id, 100, "refund")

    assert desk.payments.credit_notes.after_payment(invoice_id, 100, "credit_balance") is None
    assert desk.payments.credit_notes.after_payment(invoice_id, 100, "refund") is None


def test_two_after_one_payment_add_up_and_are_numbered() -> None:
    desk = Desk()
    invoice_id, charge = desk.paid_invoice(10_000)

    first = desk.payments.credit_notes.after_payment(invoice_id, 10, "refund")
    second = desk.payments.credit_notes.after_payment(invoice_id, 50, "credit_balance")

    assert first is not None
    assert second is not None
    assert (first["amount"], second["amount"]) == (1_000, 4_500)  # the half of what the first left
    assert desk.store[invoice_id]["post_payment_credit_notes_amount"] == 5_500
    assert desk.store[charge["id"]]["amount_refunded"] == 1_000
    assert [each["number"][-6:] for each in (first, second)] == ["-CN-01", "-CN-02"]
