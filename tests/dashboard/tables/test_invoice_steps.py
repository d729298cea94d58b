from datetime import timedelta

import pytest

from dashboard.tables.invoice_steps import steps
from finances.reads.invoice import invoice_page
from tests.factories import NOON, a_charge, a_credit_note, a_customer, a_payment, a_refund, an_invoice

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def story(invoice, now=NOON + 9 * DAY) -> list[tuple[str, str]]:
    return [(step.fact, step.detail) for step in steps(invoice_page(invoice.id, now), "Business", now)]


def test_the_steps_stand_in_the_order_in_which_they_happened() -> None:
    customer = a_customer()
    invoice = an_invoice(
        customer, billing_reason="subscription_cycle", subscription_id="sub_1", created_at=NOON, paid_at=NOON + 4 * DAY,
        finalized_at=NOON + timedelta(hours=1),
    )  # fmt: skip
    payment = a_payment(customer, invoice)
    bad = {"status": "failed", "failure_code": "card_declined", "decline_code": "insufficient_funds"}
    a_charge(payment, created_at=NOON + timedelta(hours=1), **bad)
    good = a_charge(payment, created_at=NOON + 4 * DAY)
    a_refund(good, amount=500, created_at=NOON + 6 * DAY)

    assert story(invoice) == [
        ("Drafted", "Renewal of Business"),
        ("Issued", "It asks for 29.00 EUR. Stripe charges it by itself."),
        ("Try 1 failed", "Visa 4242: There is not enough money on the card."),
        ("Try 2 went through", "29.00 EUR, Visa 4242"),
        ("Paid", "29.00 EUR"),
        ("Refund", "5.00 EUR, succeeded"),
    ]


def test_one_that_is_open_ends_with_what_is_to_come() -> None:
    customer = a_customer()
    retried = an_invoice(customer, status="open", attempt_count=1, next_attempt_at=NOON + 12 * DAY)
    given_up = an_invoice(customer, status="open", attempt_count=8)
    sent = an_invoice(customer, status="open", collection_method="send_invoice", due_at=NOON + 2 * DAY)

    assert story(retried)[-1] == ("Next try", "")
    assert story(retried, NOON + 13 * DAY)[-1] == ("A try was due", "")
    assert story(given_up)[-1] == ("No further try is planned", "")
    assert story(sent)[-2:] == [("Issued", "It asks for 29.00 EUR. The customer gets it to pay."), ("Past due", "")]


def test_one_that_asked_for_nothing_says_why() -> None:
    assert story(an_invoice(a_customer(), total=0))[-1] == ("Paid", "Nothing to charge: its lines come to nothing.")


def test_a_draft_has_begun_and_no_more() -> None:
    draft = an_invoice(a_customer(), status="draft", finalized_at=None, billing_reason="manual")

    assert story(draft) == [("Drafted", "Made by hand")]


def test_a_credit_note_is_one_of_them() -> None:
    invoice = an_invoice(a_customer())
    a_credit_note(invoice, number="CN-1", total=500, created_at=NOON + DAY)

    assert story(invoice)[-1] == ("Credit note CN-1", "5.00 EUR")
