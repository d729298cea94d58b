"""What the menu "Do it in Stripe" offers, by what can still be done with an object."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.tables import in_stripe
from finances.reads.dispute import dispute_page
from finances.reads.payment import payment_page
from tests.factories import a_charge, a_customer, a_dispute, a_payment, an_invoice

pytestmark = pytest.mark.django_db
STRIPE = "https://dashboard.stripe.com/test/"


def of_payment(payment) -> dict[str, str]:
    page = payment_page(payment.id, timezone.now())
    return dict(in_stripe.of_payment(page.payment, page.standing, page.purposes, page.disputes))


def of_dispute(dispute, **given: bool) -> dict[str, str]:
    page = dispute_page(dispute.id)
    return dict(in_stripe.of_dispute(page.dispute, **{"takes_an_answer": True, "refundable": False} | given))


def test_what_was_paid_is_refunded_there() -> None:
    payment = a_payment(a_customer())
    a_charge(payment)

    assert of_payment(payment)["Refund it"] == f"{STRIPE}payments/{payment.id}"


def test_what_was_refunded_whole_is_not_refunded_once_more() -> None:
    a_charge(payment := a_payment(a_customer()), amount_refunded=2900, refunded=True)

    assert list(of_payment(payment)) == ["Send the receipt again"]


def test_a_failed_payment_of_an_open_invoice_is_charged_again_on_the_invoice() -> None:
    invoice = an_invoice(customer := a_customer(), status="open")
    failed = {"status": "requires_payment_method", "failure_code": "card_declined"}

    assert of_payment(a_payment(customer, invoice, **failed)) == {
        "Charge its invoice now": f"{STRIPE}invoices/{invoice.id}"
    }
    assert list(of_payment(a_payment(customer, **failed))) == ["Cancel it"]


@pytest.mark.parametrize(
    ("status", "deeds"),
    [("requires_capture", ["Capture it", "Cancel it"]), ("processing", []), ("canceled", [])],
)
def test_other_payments_offer_what_stripe_still_takes(status, deeds) -> None:
    assert list(of_payment(a_payment(a_customer(), status=status))) == deeds


def test_a_disputed_payment_leads_to_its_dispute() -> None:
    charge = a_charge(payment := a_payment(a_customer()), disputed=True)
    dispute = a_dispute(charge)

    assert of_payment(payment) == {"Answer the dispute": f"{STRIPE}disputes/{dispute.id}"}


def test_a_dispute_is_answered_or_accepted_while_there_is_time() -> None:
    dispute = a_dispute(a_charge(a_payment(a_customer())))

    assert list(of_dispute(dispute)) == ["Answer it with evidence", "Accept it"]
    assert of_dispute(dispute, takes_an_answer=False) == {}


def test_an_inquiry_ends_by_a_refund_of_its_payment() -> None:
    dispute = a_dispute(a_charge(payment := a_payment(a_customer())))

    assert of_dispute(dispute, refundable=True)["Refund the payment in full"] == f"{STRIPE}payments/{payment.id}"


def test_what_stripe_deleted_offers_nothing() -> None:
    payment = a_payment(a_customer())
    payment.deleted_at = timezone.now() - timedelta(days=1)

    assert in_stripe.of_payment(payment, "succeeded", [], []) == []
