from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from djstripe import models as djstripe

from tests.factories import a_customer, a_delivery, a_product, a_subscription, an_invoice, an_item

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script>\u202e"


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def page_of(desk, invoice) -> str:
    response = desk.get(f"/console/invoices/{invoice.id}/")
    assert response.status_code == 200
    return response.content.decode()


def stored(invoice, stripe_data) -> None:
    customer = djstripe.Customer.objects.create(id=invoice.customer_id, livemode=False, stripe_data={})
    djstripe.Invoice.objects.create(id=invoice.id, livemode=False, customer=customer, stripe_data=stripe_data)


def test_lines_sums_and_how_it_came_about_are_on_the_page(desk) -> None:
    customer = a_customer(name="Nordlicht")
    subscription = a_subscription(customer)
    an_item(subscription, a_product(name="Business"), quantity=40)
    invoice = an_invoice(customer, number="NV-1", total=152796, subscription_id=subscription.id)
    seats = {
        "description": "Business, seats",
        "quantity": 38,
        "amount": 125400,
        "pricing": {"unit_amount_decimal": "3300"},
        "taxes": [{"amount": 23826}],
        "parent": {"subscription_item_details": {"proration": True}},
    }
    stored(
        invoice,
        {
            "billing_reason": "subscription_cycle",
            "subtotal": 142667,
            "total_discount_amounts": [{"amount": 14267}],
            "total_taxes": [{"amount": 24396, "tax_behavior": "exclusive"}],
            "lines": {"data": [seats], "has_more": True},
            "hosted_invoice_url": "https://invoice.stripe.com/i/1",
            "invoice_pdf": "https://pay.stripe.com/invoice/1/pdf",
        },
    )

    page = page_of(desk, invoice)
    for words in (
        "NV-1",
        "Business, seats",
        "Proration",
        "38",
        "33.00",
        "238.26",
        "1,254.00",
        "1,426.67",
        "−142.67",
        "243.96",
    ):
        assert words in page
    for words in ("1,527.96", "Renewal of", "Business, 40 seats", "Charged automatically", "Stripe holds more lines"):
        assert words in page
    assert 'href="https://invoice.stripe.com/i/1"' in page
    assert 'href="https://pay.stripe.com/invoice/1/pdf"' in page


def test_what_is_not_stripes_never_becomes_a_link(desk) -> None:
    invoice = an_invoice(a_customer())
    stored(invoice, {"hosted_invoice_url": "https://evil.test/stripe.com", "invoice_pdf": "javascript:alert(1)"})

    page = page_of(desk, invoice)
    assert "evil.test" not in page
    assert "javascript:" not in page


def test_an_unpaid_one_says_how_often_and_when_again(desk) -> None:
    now = timezone.now()
    invoice = an_invoice(
        a_customer(), status="open", total=152796, attempt_count=3,
        finalized_at=now - timedelta(days=6), next_attempt_at=now + timedelta(hours=24, seconds=5),
    )  # fmt: skip

    page = page_of(desk, invoice)
    for words in ("Not paid: 3 tries failed.", "Stripe tries again", "1,527.96 EUR remains.", "At once", "6 days late"):
        assert words in page


def test_a_sent_one_that_is_late_says_since_when(desk) -> None:
    invoice = an_invoice(
        a_customer(), status="open", collection_method="send_invoice", due_at=timezone.now() - timedelta(days=3)
    )

    assert "Not paid: it was due" in page_of(desk, invoice)


@pytest.mark.parametrize("status", ["draft", "open", "paid", "uncollectible", "void", "brand_new"])
def test_every_status_opens_without_anything_stored(desk, status: str) -> None:
    invoice = an_invoice(a_customer(), status=status, finalized_at=None, number="", customer_id="")

    page_of(desk, invoice)


@pytest.mark.parametrize(
    "stripe_data",
    [
        {},
        [],
        {"lines": None},
        {"lines": {"data": [None, {"period": 1, "taxes": "x", "quantity": "many"}]}, "custom_fields": 3},
    ],
)
def test_any_stored_shape_opens(desk, stripe_data) -> None:
    invoice = an_invoice(a_customer())
    stored(invoice, stripe_data)

    page_of(desk, invoice)


def test_hostile_text_in_every_field_is_shown_as_text(desk) -> None:
    invoice = an_invoice(a_customer(name=EVIL), number=EVIL)
    stored(
        invoice,
        {
            "description": EVIL,
            "customer_name": EVIL,
            "customer_address": {"line1": EVIL},
            "billing_reason": EVIL,
            "custom_fields": [{"name": EVIL, "value": EVIL}],
            "default_payment_method": EVIL,
            "lines": {"data": [{"description": EVIL}]},
        },
    )

    assert "<script>alert" not in page_of(desk, invoice)


def test_an_unknown_invoice_is_404_with_the_search_box_at_hand(desk) -> None:
    response = desk.get("/console/invoices/in_nope/")

    assert response.status_code == 404
    assert 'id="pd-find"' in response.content.decode()


def test_the_number_of_queries_does_not_grow(desk) -> None:
    subscription = a_subscription(customer := a_customer())
    invoice = an_invoice(customer, subscription_id=subscription.id)

    def queries_with(rows: int) -> int:
        for _ in range(rows):
            an_item(subscription)
            a_delivery(object_id=invoice.id)
        with CaptureQueriesContext(connection) as queries:
            page_of(desk, invoice)
        return len(queries)

    assert queries_with(2) == queries_with(38) == QUERIES


QUERIES = 12  # session, user, 2 of rights, lag, 6 of the page, freshness
