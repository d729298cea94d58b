from datetime import timedelta

import pytest
from djstripe import models as djstripe

from dashboard.tables.invoice_story import shown_tries, story
from finances.models import Charge
from finances.reads.invoice import invoice_page
from tests.factories import NOON, a_charge, a_credit_note, a_customer, a_payment, an_invoice

pytestmark = pytest.mark.django_db


def told(invoice, **stripe_data) -> str:
    customer = djstripe.Customer.objects.create(id=invoice.customer_id, livemode=False, stripe_data={})
    djstripe.Invoice.objects.create(id=invoice.id, livemode=False, customer=customer, stripe_data=stripe_data)
    return story(invoice_page(invoice.id, NOON), NOON)


def tried(invoice, *outcomes: str, **fields) -> None:
    """One payment, a charge a day: `ok` or a decline code each."""
    payment = a_payment(a_customer(), invoice, **fields)
    for day, outcome in enumerate(outcomes):
        failed = {} if outcome == "ok" else {"status": "failed", "failure_code": "card_declined"}
        code = "" if outcome == "ok" else outcome
        a_charge(payment, decline_code=code, created_at=NOON + timedelta(days=day), **failed)


def test_paid_at_the_first_try() -> None:
    invoice = an_invoice(a_customer())
    tried(invoice, "ok")

    assert told(invoice) == "Paid at the first try, on the day it was issued, with Visa 4242."


def test_paid_after_failures_tells_how_many_and_the_last_reason() -> None:
    invoice = an_invoice(a_customer(), paid_at=NOON + timedelta(days=2))
    tried(invoice, "do_not_honor", "insufficient_funds", "ok")

    assert told(invoice) == (
        "Paid at try 3, 2 days after it was issued, with Visa 4242. 2 tries failed before; the last said: "
        "There is not enough money on the card."
    )


def test_a_sent_invoice_is_paid_by_the_customer_late_or_not() -> None:
    invoice = an_invoice(a_customer(), collection_method="send_invoice", due_at=NOON, paid_at=NOON + timedelta(days=5))
    tried(invoice, "ok")

    assert told(invoice) == "The customer paid it 5 days late, with Visa 4242."


def test_paid_outside_stripe() -> None:
    invoice = an_invoice(a_customer(), amount_paid=2900)

    assert (
        told(invoice, amount_paid_off_stripe=2900) == "Paid outside Stripe and marked as paid on the day it was issued."
    )


def test_paid_by_something_that_was_never_read() -> None:
    assert told(an_invoice(a_customer())) == ("Paid on the day it was issued; the payment itself is not stored here.")


@pytest.mark.parametrize(
    ("total", "stripe_data", "why"),
    [
        (2900, {"starting_balance": -5000, "ending_balance": -2100}, "the customer’s credit covered it"),
        (0, {"total_discount_amounts": [{"amount": 2900}]}, "the discount took everything off"),
        (0, {}, "its lines come to nothing"),
        (-500, {}, "it is in the customer’s favour and became their credit"),
    ],
)
def test_paid_with_nothing_to_charge_says_why(total: int, stripe_data, why: str) -> None:
    invoice = an_invoice(a_customer(), total=total, amount_due=0, amount_paid=0)

    assert told(invoice, **stripe_data) == f"Paid with nothing to charge: {why}."


def test_a_credit_note_may_have_taken_off_what_was_open() -> None:
    invoice = an_invoice(a_customer(), amount_due=2900, amount_paid=0)
    a_credit_note(invoice, pre_payment_amount=2900)

    assert told(invoice) == "Paid with nothing to charge: a credit note took off what was open."


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"attempt_count": 1}, "Not paid: 1 try failed. Stripe plans no further try."),
        ({"attempt_count": 1, "next_attempt_at": NOON + timedelta(days=3)},
         "Not paid: 1 try failed. Stripe tries again on 23 Nov."),
        ({}, "Not paid and not tried yet. Stripe plans no try."),
        ({"next_attempt_at": NOON + timedelta(hours=1)}, "Not paid and not tried yet. Stripe tries on 20 Nov."),
        ({"collection_method": "send_invoice", "due_at": NOON + timedelta(days=3)},
         "Sent to the customer, who has time until 23 Nov to pay."),
        ({"collection_method": "send_invoice", "due_at": NOON - timedelta(days=3)},
         "Sent to the customer, who has not paid; it was due on 17 Nov."),
    ],
)  # fmt: skip
def test_an_open_one_says_what_was_tried_and_what_is_planned(fields, sentence: str) -> None:
    assert told(an_invoice(a_customer(), status="open", **fields)) == sentence


def test_a_pending_debit_and_a_missing_approval_are_told() -> None:
    pending, asked = (an_invoice(a_customer(), status="open") for _ in range(2))
    tried(pending, "ok", status="processing")
    Charge.objects.update(status="pending")
    tried(asked, status="requires_action")

    assert told(pending) == "A payment is on its way; a bank debit takes some days."
    assert told(asked) == "Not paid: the customer has to approve the payment with the bank."


@pytest.mark.parametrize(
    ("status", "stripe_data", "sentence"),
    [
        ("void", {"status_transitions": {"voided_at": 1763640000}},
         "Voided on 20 Nov 2025: nothing is to be paid any more."),
        ("uncollectible", {}, "Written off after 4 tries failed; the customer can still pay it."),
        ("draft", {}, "A draft: it was not issued yet."),
        ("draft", {"automatically_finalizes_at": 1795176000}, "A draft: Stripe issues it on 20 Nov."),
        ("brand_new", {}, ""),
    ],
)  # fmt: skip
def test_other_statuses_have_their_sentence(status: str, stripe_data, sentence: str) -> None:
    assert told(an_invoice(a_customer(), status=status, attempt_count=4), **stripe_data) == sentence


def test_tries_are_numbered_from_the_first_and_stand_newest_first() -> None:
    invoice = an_invoice(a_customer(), status="open")
    tried(invoice, "do_not_honor", "insufficient_funds", status="requires_payment_method")
    a_payment(a_customer(), invoice, status="requires_action", created_at=NOON + timedelta(days=9))

    shown = shown_tries(invoice_page(invoice.id, NOON).tries)
    assert [(row.number, row.word, row.failure and row.failure.code) for row in shown] == [
        (0, "Needs action", None),
        (2, "Failed", "insufficient_funds"),
        (1, "Failed", "do_not_honor"),
    ]


def test_what_happened_to_the_money_later_is_the_status_of_its_try() -> None:
    invoice = an_invoice(a_customer())
    tried(invoice, "ok", "ok", "ok")
    for charge, fields in zip(Charge.objects.order_by("created_at"), [
        {"disputed": True}, {"amount_refunded": 2900, "refunded": True}, {"amount_refunded": 5},
    ], strict=True):  # fmt: skip
        Charge.objects.filter(pk=charge.pk).update(**fields)

    shown = shown_tries(invoice_page(invoice.id, NOON).tries)
    assert [row.word for row in shown] == ["Partly refunded", "Refunded", "Disputed"]
