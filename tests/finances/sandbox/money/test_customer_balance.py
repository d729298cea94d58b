"""A customer's balance is the sum of its transactions, and invoices take from it."""

from __future__ import annotations

from tests.finances.sandbox import specification
from tests.finances.sandbox.desk import Desk


def test_credit_pays_a_part_of_the_next_invoice() -> None:
    desk = Desk()
    desk.payments.give_credit(desk.customer_id, 1_500)

    invoice_id = desk.invoice(5_000)

    invoice = desk.store[invoice_id]
    given, applied = desk.all("customer_balance_transaction")
    assert (invoice["starting_balance"], invoice["ending_balance"], invoice["amount_due"]) == (-1_500, 0, 3_500)
    assert (given["type"], given["amount"], given["ending_balance"]) == ("adjustment", -1_500, -1_500)
    assert (applied["type"], applied["amount"], applied["ending_balance"]) == ("applied_to_invoice", 1_500, 0)
    assert applied["invoice"] == invoice_id
    assert desk.customer()["balance"] == 0
    assert desk.intent(invoice_id)["amount"] == 3_500
    assert specification.problems_of_object(given) == specification.problems_of_object(applied) == []


def test_more_credit_than_the_invoice_leaves_the_rest_and_needs_no_charge() -> None:
    desk = Desk()
    desk.payments.give_credit(desk.customer_id, 7_000)

    invoice_id = desk.invoice(5_000)

    invoice = desk.store[invoice_id]
    assert (invoice["status"], invoice["amount_due"], invoice["ending_balance"]) == ("paid", 0, -2_000)
    assert desk.customer()["balance"] == -2_000
    assert desk.all("payment_intent") == []


def test_an_invoice_below_zero_becomes_credit() -> None:
    desk = Desk()

    invoice_id = desk.invoice(-1_200)

    assert (desk.store[invoice_id]["status"], desk.customer()["balance"]) == ("paid", -1_200)
    assert desk.only("customer_balance_transaction")["amount"] == -1_200


def test_a_voided_invoice_gives_back_what_it_took() -> None:
    desk = Desk()
    desk.payments.give_credit(desk.customer_id, 1_500)
    invoice_id = desk.invoice(5_000)

    desk.payments.void(invoice_id)

    assert desk.customer()["balance"] == -1_500
    assert desk.all("customer_balance_transaction")[-1]["type"] == "unapplied_from_invoice"


def test_a_transfer_of_too_much_becomes_credit() -> None:
    desk = Desk()
    invoice_id = desk.invoice(4_900, sent=True)

    desk.payments.pay_out_of_band(invoice_id, overpaid=100)

    invoice = desk.store[invoice_id]
    assert (invoice["status"], invoice["amount_paid"], invoice["amount_overpaid"]) == ("paid", 4_900, 100)
    assert desk.customer()["balance"] == -100
    assert desk.only("customer_balance_transaction")["type"] == "invoice_overpaid"
