"""A customer's page: the one sentence about access, and what may be missing from the page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.dashboard.pages.customer_page import page_of, whole
from tests.factories import (
    NOON,
    a_charge,
    a_customer,
    a_delivery,
    a_payment,
    a_payment_method,
    a_product,
    a_subscription,
    an_invoice,
    an_item,
    seen,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def test_a_failing_invoice_is_the_note_with_its_facts(desk) -> None:
    customer = a_customer(delinquent=True)
    now = timezone.now()
    an_invoice(
        customer, number="NV-7", status="open", total=152796, attempt_count=3,
        finalized_at=now - timedelta(days=5, hours=12), next_attempt_at=now + timedelta(hours=24, seconds=5),
    )  # fmt: skip
    an_invoice(customer, status="open", due_at=now - timedelta(days=1))
    an_invoice(customer, status="open", due_at=now - timedelta(days=1), total=100, currency="usd")

    page = page_of(desk, customer)
    assert "1,527.96 EUR is not paid, 6 days late." in page
    assert "3 tries for invoice" in page
    assert "Stripe tries again" in page
    assert "3 invoices are past due, 1,556.96 EUR, 1.00 USD in all:" in page


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"deleted_at": NOON}, "active", "This customer was deleted in Stripe"),
        ({}, "unpaid", "Access is at risk: The subscription is unpaid, and its retries are over."),
        ({}, "past_due", "Access is at risk: The subscription is past due."),
        ({"delinquent": True}, "active", "Stripe calls this customer delinquent."),
    ],
)
def test_each_other_trouble_has_its_sentence(desk, fields, status: str, words: str) -> None:
    customer = a_customer(**fields)
    a_subscription(customer, status=status)

    assert words in page_of(desk, customer)


@pytest.mark.parametrize(
    ("subscription", "card", "says"),
    [
        ({}, {"last4": "4242"}, "Access is not at risk."),
        ({"status": "trialing"}, {}, "The trial ends on 20 Dec"),
        ({"cancel_at_period_end": True}, {}, "Access ends on 20 Dec"),
        ({"status": "canceled", "ended_at": NOON}, {}, "Access has ended: Business ended on 20 Nov"),
        ({"collection_paused": True}, {}, "collecting its money is paused"),
        ({}, {"expires_month": 1, "expires_year": 2020}, "Access is at risk from 20 Dec"),
        ({"status": "incomplete"}, {}, "Access has not begun: the first payment for Business"),
    ],
)
def test_one_sentence_says_whether_access_is_at_risk(desk, subscription, card, says: str) -> None:
    customer = a_customer()
    method = a_payment_method(customer, **card)
    whole(customer, invoice_settings={"default_payment_method": method.id})
    an_item(a_subscription(customer, **subscription), a_product(name="Business"))

    assert says in page_of(desk, customer)


def test_what_is_late_is_said_before_the_day_on_which_access_ends(desk) -> None:
    customer = a_customer()
    an_invoice(customer, status="open", total=90000, due_at=timezone.now() - timedelta(days=39, hours=12))
    an_item(a_subscription(customer, cancel_at_period_end=True), a_product(name="Business"))

    said = " ".join(page_of(desk, customer).partition('class="pd-note"')[2].partition("</p>")[0].split())
    assert "Access is at risk: 900.00 EUR is not paid, 40 days late." in said
    assert "Access ends on 20 Dec: it is set to cancel then." in said


def test_what_another_subscription_owes_is_said_beside_the_one_that_stands_worst(desk) -> None:
    customer = a_customer()
    a_subscription(customer, status="unpaid")
    other = a_subscription(customer, status="past_due")
    an_invoice(customer, status="open", attempt_count=2, subscription_id=other.id)

    page = page_of(desk, customer)

    assert "is unpaid, and its retries are over." in page
    assert "1 invoice is past due, 29.00 EUR:" in page


def test_of_an_unpaid_subscription_it_says_how_much_it_takes_to_go_on(desk) -> None:
    customer = a_customer()
    subscription = a_subscription(customer, status="unpaid")
    an_invoice(customer, status="open", attempt_count=4, total=4900, subscription_id=subscription.id)

    assert "It goes on once 49.00 EUR is paid." in page_of(desk, customer)


def test_the_sentence_names_the_reason_of_the_last_try(desk) -> None:
    customer = a_customer()
    invoice = an_invoice(customer, status="open", attempt_count=1, number="NV-9")
    payment = a_payment(customer, invoice, status="requires_payment_method", decline_code="insufficient_funds")
    a_charge(payment, status="failed", failure_code="card_declined", decline_code="insufficient_funds")

    sentence = " ".join(page_of(desk, customer).partition('class="pd-note"')[2].partition("</p>")[0].split())
    assert "Access is at risk: 29.00 EUR is not paid" in sentence
    assert "failed: There is not enough money on the card. Stripe plans no further try." in sentence


def test_an_event_that_was_put_aside_is_said_and_leads_there(desk) -> None:
    customer = a_customer()
    seen(customer.id)
    page = page_of(desk, customer)
    assert "could not be processed" not in page
    event = a_delivery(
        customer_id=customer.id, object_id="in_1", state="quarantined", created_at=NOON + timedelta(minutes=1)
    )

    page = page_of(desk, customer)

    assert "An event about this customer could not be processed." in page
    assert "What is shown may lack it." in page
    assert f'<a class="pd-btn pd-btn-s" href="/console/webhooks/{event.pk}/">Open the event</a>' in page


def test_several_are_counted_and_lead_to_the_list_of_them(desk) -> None:
    customer = a_customer()
    a_delivery(customer_id=customer.id, object_id="in_1", state="quarantined")
    a_delivery(customer_id=customer.id, object_id="in_2", state="waiting", next_try_at=NOON)

    page = page_of(desk, customer)

    assert "2 events about this customer could not be processed." in page
    assert f'href="/console/webhooks/?q={customer.id}">See the events</a>' in page


def test_once_the_object_was_read_anew_nothing_is_missing(desk) -> None:
    customer = a_customer()
    a_delivery(customer_id=customer.id, object_id="in_1", state="quarantined")
    seen("in_1", NOON + timedelta(minutes=5))

    assert "could not be processed" not in page_of(desk, customer)


def test_one_whose_first_payment_never_came_never_had_access(desk) -> None:
    customer = a_customer(delinquent=True)
    subscription = a_subscription(customer, status="incomplete_expired", ended_at=NOON)
    an_item(subscription, a_product(name="Business"))

    page = page_of(desk, customer)
    assert "Access never began: the first payment for Business was not made, and it expired on 20 Nov" in page
    assert "delinquent" not in page.partition('class="pd-strip"')[0]
