from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from djstripe import models as djstripe

from tests.factories import (
    a_balance_transaction,
    a_charge,
    a_customer,
    a_delivery,
    a_dispute,
    a_payment,
    a_payment_method,
    a_refund,
    an_invoice,
    seen,
)

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script>\u202e"


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def page_of(desk, payment_id: str) -> str:
    response = desk.get(f"/console/payments/{payment_id}/")
    assert response.status_code == 200
    return response.content.decode()


def stored_charge(charge, data) -> None:
    customer = djstripe.Customer.objects.create(id=charge.customer_id, livemode=False, stripe_data={})
    djstripe.Charge.objects.create(id=charge.id, livemode=False, amount=29, customer=customer, stripe_data=data)


def test_a_failed_one_says_why_what_can_be_done_and_each_attempt(desk) -> None:
    customer = a_customer(name="Nordlicht")
    invoice = an_invoice(
        customer, number="NV-12", status="open", next_attempt_at=timezone.now() + timedelta(days=2, seconds=5)
    )
    payment = a_payment(
        customer, invoice, status="requires_payment_method", amount=152796,
        failure_code="card_declined", decline_code="insufficient_funds",
    )  # fmt: skip
    charge = a_charge(
        payment, status="failed", failure_code="card_declined", decline_code="insufficient_funds", risk_level="elevated"
    )
    stored_charge(
        charge,
        {"outcome": {"seller_message": "The bank returned 51.", "network_decline_code": "51", "risk_score": 66}},
    )
    seen(payment.id)

    page = page_of(desk, payment.id)
    for words in (
        "1,527.96", "Failed", "There is not enough money on the card.", "pay with another card or ask the bank",
        "<code>insufficient_funds</code>", "Stripe tries again", "1 attempt, 1 failed", "The bank returned 51.",
        "<code>51</code>", "elevated, 66 of 100", "NV-12", "Nordlicht", "expires 8/2029", "Fresh as of",
    ):  # fmt: skip
        assert words in page, words


def test_refunds_disputes_and_the_balance_are_on_the_page(desk) -> None:
    payment = a_payment(a_customer(), amount=2900)
    charge = a_charge(payment, amount_refunded=900, disputed=True)
    payment.latest_charge_id = charge.id
    payment.save()
    refund = a_refund(charge, amount=900, status="failed", failure_reason="expired_or_canceled_card")
    dispute = a_dispute(charge, evidence_due_at=timezone.now() + timedelta(days=2))
    a_balance_transaction(source_id=charge.id, available_at=timezone.now() + timedelta(days=1))
    a_balance_transaction(
        source_id=dispute.id, type="adjustment", reporting_category="dispute", amount=-2900, fee=1500, net=-4400
    )
    a_delivery(object_id=refund.id, event_type="refund.failed")

    page = page_of(desk, payment.id)
    for words in (
        "The cardholder says that they did not make this payment.", f"/console/disputes/{dispute.id}/", "Answer",
        "The card has expired or was cancelled.", "expired_or_canceled_card", "pending until", "16.10", "−16.10",
        "Dispute", "Refund failed",
    ):  # fmt: skip
        assert words in page, words


def test_a_charge_leads_to_its_payment(desk) -> None:
    charge = a_charge(payment := a_payment(a_customer()))

    answer = desk.get(f"/console/payments/{charge.id}/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/console/payments/{payment.id}/")


def test_a_charge_without_an_intent_has_a_page_of_its_own(desk) -> None:
    charge = a_charge(a_payment(a_customer()), payment_intent_id="", amount=777)

    assert "7.77" in page_of(desk, charge.id)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "requires_action"}, "The customer has to approve it with the bank."),
        ({"status": "requires_capture"}, "The money is reserved and not taken."),
        ({"status": "canceled", "canceled_at": None}, "Nothing will be charged."),
        ({"status": "requires_payment_method"}, "No way to pay was given so far."),
        ({"status": "processing"}, "Processing"),
        ({"status": "brand_new"}, "Brand new"),
    ],
)
def test_every_standing_opens_and_says_what_it_means(desk, fields, words: str) -> None:
    assert words in page_of(desk, a_payment(a_customer(), **fields).id)


def test_a_refund_that_failed_gives_nothing_back(desk) -> None:
    payment = a_payment(a_customer())
    a_refund(a_charge(payment), status="failed")

    assert "1 refund, none went through" in page_of(desk, payment.id)


def test_why_it_was_cancelled_is_told(desk) -> None:
    payment = a_payment(customer := a_customer(), status="canceled", canceled_at=timezone.now())
    owner = djstripe.Customer.objects.create(id=customer.id, livemode=False, stripe_data={})
    djstripe.PaymentIntent.objects.create(
        id=payment.id, livemode=False, customer=owner,
        stripe_data={"cancellation_reason": "void_invoice", "metadata": {"order": EVIL}},
    )  # fmt: skip

    page = page_of(desk, payment.id)
    assert "Why: its invoice was voided." in page
    assert "<script>alert" not in page


def test_why_it_failed_is_told_though_it_was_cancelled_then(desk) -> None:
    code = "payment_intent_authentication_failure"
    page = page_of(desk, a_payment(a_customer(), status="canceled", failure_code=code).id)

    assert "Nothing will be charged. Before that it failed:" in page
    assert code in page


def test_an_untried_one_shows_the_method_that_it_would_take(desk) -> None:
    customer = a_customer()
    method = a_payment_method(customer, brand="mastercard", last4="5100")
    payment = a_payment(customer, status="requires_action", payment_method_id=method.id)

    page = page_of(desk, payment.id)
    assert "Mastercard" in page
    assert "5100" in page


def test_hostile_text_in_every_field_is_shown_as_text(desk) -> None:
    payment = a_payment(
        a_customer(name=EVIL), description=EVIL, status="requires_payment_method", failure_code=EVIL, decline_code=EVIL
    )
    charge = a_charge(
        payment,
        status="failed",
        brand=EVIL,
        method_type=EVIL,
        failure_code=EVIL,
        decline_code=EVIL,
        risk_level=EVIL[:16],
    )
    a_refund(charge, reason=EVIL, failure_reason=EVIL, status="failed")
    a_dispute(charge, reason=EVIL)
    a_balance_transaction(source_id=charge.id, type=EVIL, reporting_category=EVIL)
    stored_charge(charge, {"outcome": {"seller_message": EVIL, "network_decline_code": EVIL}})

    assert "<script>alert" not in page_of(desk, payment.id)


@pytest.mark.parametrize("unknown", ["pi_nope", "ch_nope", "nonsense"])
def test_an_unknown_payment_is_404_with_the_search_box_at_hand(desk, unknown: str) -> None:
    response = desk.get(f"/console/payments/{unknown}/")

    assert response.status_code == 404
    assert 'id="pd-find"' in response.content.decode()


def test_only_who_may_resync_gets_the_button(client, admin, support) -> None:
    payment = a_payment(a_customer())
    client.force_login(admin)
    plan = f'action="/console/resyncs/plan/" class="pd-once"><input type="hidden" name="target" value="{payment.id}"'
    assert plan in page_of(client, payment.id)

    client.force_login(support)
    assert plan not in page_of(client, payment.id)


def test_the_number_of_queries_does_not_grow(desk) -> None:
    payment = a_payment(customer := a_customer(), an_invoice(customer))

    def queries_with(rows: int) -> int:
        for _ in range(rows):
            charge = a_charge(payment)
            a_refund(charge)
            a_dispute(charge)
            a_balance_transaction(source_id=charge.id)
            a_delivery(object_id=charge.id)
        with CaptureQueriesContext(connection) as queries:
            page_of(desk, payment.id)
        return len(queries)

    assert queries_with(2) == queries_with(18) == QUERIES


QUERIES = 20  # session, user, 2 of rights, the shell’s 4, 11 of the page, freshness


@pytest.mark.parametrize(("number", "shown"), [("2847-1932", True), (None, False)])
def test_the_number_of_a_receipt_is_shown_where_there_is_one(desk, number, shown) -> None:
    payment = a_payment(a_customer())
    stored_charge(a_charge(payment), {"receipt_number": number})

    page = page_of(desk, payment.id)

    assert ("Receipt number" in page) == shown
    assert ("2847-1932" in page) == shown
