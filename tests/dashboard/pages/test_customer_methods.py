"""A customer's page: how they pay, what was paid and what went back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from finances.models import PromotionCode, StripeObject
from tests.dashboard.pages.customer_page import page_of, whole
from tests.factories import (
    NOON,
    a_charge,
    a_coupon,
    a_credit_note,
    a_customer,
    a_discount,
    a_dispute,
    a_payment,
    a_payment_method,
    a_product,
    a_refund,
    a_subscription,
    an_invoice,
    an_item,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def test_methods_say_which_one_is_charged_and_what_is_wrong_with_it(desk) -> None:
    customer = a_customer()
    old = a_payment_method(
        customer, last4="4242", expires_month=8, expires_year=2020, created_at=NOON - timedelta(days=400)
    )
    a_payment_method(customer, brand="mastercard", last4="5100", expires_month=11, expires_year=2099)
    a_payment_method(customer, type="sepa_debit", brand="", last4="3000", expires_month=None, expires_year=None,
                     country="DE", created_at=NOON - timedelta(days=500))  # fmt: skip
    subscription = a_subscription(customer, default_payment_method_id=old.id)
    an_item(subscription, a_product(name="Business"))

    page = page_of(desk, customer)
    for words in (
        "Visa 4242",
        "08/20",
        "Mastercard 5100",
        "SEPA debit 3000",
        "Default of the subscription, which goes first",
        "Visa 4242, which will be charged, expired at the end of 08/20.",
        "The next charge for Business is likely to fail. The newer Mastercard 5100 is not used, because the "
        "subscription has its own default.",
        "charged to Visa 4242",
    ):
        assert words in page
    assert page.count("Will be charged") == 1


def test_payments_say_what_went_wrong_and_when_stripe_tries_again(desk) -> None:
    customer = a_customer()
    invoice = an_invoice(
        customer, number="NV-9", status="open", attempt_count=1, next_attempt_at=timezone.now() + timedelta(days=2)
    )
    payment = a_payment(
        customer, invoice, status="requires_payment_method", failure_code="card_declined",
        decline_code="insufficient_funds",
    )  # fmt: skip
    a_charge(payment, status="failed", failure_code="card_declined", decline_code="insufficient_funds")

    page = page_of(desk, customer)
    for words in ("There is not enough money on the card.", "insufficient_funds", "Next try", "NV-9", "Visa 4242"):
        assert words in page
    assert f'href="/console/payments/{payment.id}/"' in page


def test_what_went_back_is_there_with_a_disputes_deadline(desk) -> None:
    customer = a_customer()
    charge = a_charge(a_payment(customer))
    dispute = a_dispute(charge, evidence_due_at=timezone.now() + timedelta(days=2))
    a_refund(charge, amount=700)
    a_credit_note(an_invoice(customer), number="NV-1-CN-01", total=500)

    page = page_of(desk, customer)
    for words in ("Needs response", "Answer", "7.00", "The customer asked for it", "NV-1-CN-01", "5.00"):
        assert words in page
    assert "1 refund, 1 dispute" in page
    assert f'href="/console/disputes/{dispute.id}/"' in page


def test_discounts_balance_and_tax_ids_are_there(desk) -> None:
    customer = a_customer(balance=-1500)
    whole(customer, tax_ids={"data": [{"value": "DE811907980", "type": "eu_vat"}]}, tax_exempt="reverse")
    subscription = a_subscription(customer)
    an_item(subscription, a_product(name="Business"))
    PromotionCode.objects.create(id="promo_1", code="HELLO20", coupon_id="x", created_at=NOON)
    a_discount(a_coupon(name="Partners"), customer, subscription, promotion_code_id="promo_1")
    StripeObject.objects.create(
        id="cbtxn_1",
        type="customer_balance_transaction",
        stripe_data={
            "id": "cbtxn_1", "customer": customer.id, "amount": -1500, "ending_balance": -1500, "currency": "eur",
            "type": "credit_note", "created": 1700000000,
        },
    )  # fmt: skip

    page = page_of(desk, customer)
    for words in ("Partners", "20 % off", "For ever", "on Business", "HELLO20", "Credit note", "−15.00"):
        assert words in page
    for words in ("credit, used on the next invoice", "DE811907980, EU VAT", "Owes the tax itself"):
        assert words in page
