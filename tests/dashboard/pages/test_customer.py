from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from djstripe import models as djstripe

from tests.factories import NOON, a_customer, a_delivery, a_subscription, an_invoice, an_item, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def page_of(desk, customer) -> str:
    response = desk.get(f"/console/customers/{customer.id}/")
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_holds_who_what_they_have_and_what_happened(desk) -> None:
    customer = a_customer(name="Nordlicht", balance=-12000)
    an_item(a_subscription(customer, mrr=128400))
    invoice = an_invoice(customer)
    event = a_delivery(customer_id=customer.id, event_type="invoice.payment_failed")
    seen(customer.id)
    djstripe.Customer.objects.create(
        id=customer.id,
        livemode=False,
        stripe_data={"phone": "+49 40 5550", "address": {"city": "Hamburg"}, "metadata": {"plan": "business"}},
    )

    page = page_of(desk, customer)
    for words in (
        "Nordlicht",
        customer.email,
        "1,284.00",
        "−120.00",
        "Fresh as of",
        "+49 40 5550",
        "Hamburg",
        "business",
    ):
        assert words in page
    for address in (
        f"/console/invoices/{invoice.id}/",
        f"/console/invoices/?customer={customer.id}",
        f"/console/webhooks/{event.event_id}/",
        f"https://dashboard.stripe.com/test/customers/{customer.id}",
    ):
        assert f'href="{address}"' in page
    assert "Payment failed" in page
    assert 'class="pd-note"' not in page


def test_a_failing_invoice_is_the_note_with_its_facts(desk) -> None:
    customer = a_customer(delinquent=True)
    now = timezone.now()
    an_invoice(
        customer, number="NV-7", status="open", total=152796, attempt_count=3,
        finalized_at=now - timedelta(days=6), next_attempt_at=now + timedelta(hours=24, seconds=5),
    )  # fmt: skip
    an_invoice(customer, status="open", due_at=now - timedelta(days=1))

    page = page_of(desk, customer)
    assert "1,527.96 EUR is not paid, 6 days late." in page
    assert "3 tries for invoice" in page
    assert "Stripe tries again" in page
    assert "1 more is past due" in page


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"deleted_at": NOON}, "active", "This customer was deleted in Stripe"),
        ({}, "unpaid", "A subscription is unpaid."),
        ({}, "past_due", "A subscription is past due."),
        ({"delinquent": True}, "active", "Stripe calls this customer delinquent."),
    ],
)
def test_each_other_trouble_has_its_sentence(desk, fields, status: str, words: str) -> None:
    customer = a_customer(**fields)
    a_subscription(customer, status=status)

    assert words in page_of(desk, customer)


def test_hostile_text_in_every_field_is_shown_as_text(desk) -> None:
    evil = "<script>alert(1)</script>\u202e"
    customer = a_customer(name=evil, email=evil)
    djstripe.Customer.objects.create(
        id=customer.id,
        livemode=False,
        stripe_data={
            "phone": evil,
            "description": evil,
            "address": {"line1": evil},
            "metadata": {evil: evil},
            "preferred_locales": [evil],
            "invoice_settings": {"default_payment_method": evil},
        },
    )
    a_delivery(customer_id=customer.id, event_type=evil)

    assert "<script>alert" not in page_of(desk, customer)


@pytest.mark.parametrize("stripe_data", [{}, [], "text", {"address": 7, "metadata": "x", "invoice_settings": None}])
def test_any_stored_shape_opens(desk, stripe_data) -> None:
    customer = a_customer()
    djstripe.Customer.objects.create(id=customer.id, livemode=False, stripe_data=stripe_data)

    page_of(desk, customer)


@pytest.mark.parametrize("unknown", ["cus_nope", "%00", "<b>", "x" * 400])
def test_an_unknown_customer_is_404_with_the_search_box_at_hand(desk, unknown: str) -> None:
    response = desk.get(f"/console/customers/{unknown}/")

    assert response.status_code == 404
    assert 'id="pd-find"' in response.content.decode()


def test_the_number_of_queries_does_not_grow(desk) -> None:
    customer = a_customer()

    def queries_with(rows: int) -> int:
        for _ in range(rows):
            subscription = a_subscription(customer, status="past_due")
            an_item(subscription)
            an_invoice(customer, subscription_id=subscription.id, status="open", attempt_count=1)
            a_delivery(customer_id=customer.id)
        with CaptureQueriesContext(connection) as queries:
            page_of(desk, customer)
        return len(queries)

    assert queries_with(2) == queries_with(38) == QUERIES


QUERIES = 15  # session, user, 2 of rights, lag, 9 of the page, freshness
