"""A customer's page: who it is, what they have and what happened."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from djstripe import models as djstripe

from finances.models import AuditEntry, FormerEmail
from tests.dashboard.pages.customer_page import page_of, whole
from tests.factories import (
    NOON,
    a_charge,
    a_coupon,
    a_credit_note,
    a_customer,
    a_delivery,
    a_discount,
    a_dispute,
    a_payment,
    a_payment_method,
    a_refund,
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


def test_the_page_holds_who_what_they_have_and_what_happened(desk) -> None:
    customer = a_customer(name="Nordlicht", balance=-12000)
    an_item(a_subscription(customer, mrr=128400))
    invoice = an_invoice(customer)
    event = a_delivery(customer_id=customer.id, event_type="invoice.payment_failed")
    seen(customer.id)
    djstripe.Customer.objects.create(
        id=customer.id,
        livemode=False,
        stripe_data={
            "phone": "+49 40 5550",
            "address": {"city": "Hamburg"},
            "metadata": {"plan": "business"},
            "invoice_settings": {"default_payment_method": "pm_1"},
        },
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
    assert "Payment of the invoice failed" in page
    assert 'class="pd-note"' not in page


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


def test_a_deleted_customers_page_says_so_and_promises_no_charge(desk) -> None:
    customer = a_customer(deleted_at=NOON)
    method = a_payment_method(customer)
    whole(customer, deleted=True, invoice_settings={"default_payment_method": method.id})
    a_subscription(customer, status="active")

    page = page_of(desk, customer)
    assert "This customer was deleted in Stripe" in page
    assert "Visa 4242" in page
    assert "Will be charged" not in page
    assert "Nothing can be charged" not in page


@pytest.mark.parametrize(("status", "is_outdated"), [("active", True), ("canceled", False)])
def test_a_status_from_before_the_customer_was_deleted_is_marked_as_such(desk, status, is_outdated) -> None:
    customer = a_customer(deleted_at=NOON)
    a_subscription(customer, status=status)

    for page in (page_of(desk, customer), desk.get("/console/customers/").content.decode()):
        assert ("as last read, before the customer was deleted" in page) == is_outdated
    assert ("A resync reads how the subscriptions ended." in page_of(desk, customer)) == is_outdated


def test_the_number_of_queries_does_not_grow(desk) -> None:
    customer = a_customer()
    whole(customer)

    def queries_with(rows: int) -> int:
        for _ in range(rows):
            subscription = a_subscription(customer, status="past_due")
            an_item(subscription)
            invoice = an_invoice(customer, subscription_id=subscription.id, status="open", attempt_count=1)
            a_delivery(customer_id=customer.id)
            a_payment_method(customer)
            charge = a_charge(a_payment(customer, invoice))
            a_refund(charge)
            a_dispute(charge)
            a_credit_note(invoice)
            a_discount(a_coupon(), customer, subscription)
        with CaptureQueriesContext(connection) as queries:
            page_of(desk, customer)
        return len(queries)

    assert queries_with(2) == queries_with(38) == QUERIES


QUERIES = (
    29  # session, user, 2 of rights, the shell’s 4, 16 of the page, freshness, what failed, timeline, notes, trail
)


def test_others_with_the_same_e_mail_and_earlier_e_mails_are_named(desk) -> None:
    customer = a_customer(email="books@nordlicht.test")
    other = a_customer(name="Nordlicht Akademie", email="Books@Nordlicht.test")
    a_customer(name="Somebody else", email="other@nordlicht.test")
    FormerEmail.objects.create(customer_id=customer.id, email="old@nordlicht.test", until=NOON)

    page = page_of(desk, customer)
    assert f'<a href="/console/customers/{other.id}/"><bdi>Nordlicht Akademie</bdi></a>' in page
    assert "old@nordlicht.test" in page
    assert "Somebody else" not in page


def test_an_admin_is_told_how_to_erase_who_a_customer_is(client, desk, admin) -> None:
    there, gone = a_customer(), a_customer(deleted_at=NOON)
    assert "manage.py erase" not in page_of(desk, there)

    client.force_login(admin)

    assert f"then run this on the server: <code>manage.py erase {there.id}</code>" in page_of(client, there)
    assert f"Run this on the server: <code>manage.py erase {gone.id}</code>" in page_of(client, gone)


def test_what_tells_customers_of_one_e_mail_apart_stands_beside_them(desk) -> None:
    customer = a_customer(email="books@nordlicht.test")
    paying = a_customer(name="Paying", email=customer.email, created_at=NOON - timedelta(days=500))
    a_subscription(paying, status="past_due", mrr=4900, currency="usd")
    a_subscription(paying, status="canceled", mrr=9900, currency="usd")
    a_customer(name="Gone", email=customer.email, deleted_at=NOON)
    a_customer(name="Never began", email=customer.email)

    page = page_of(desk, customer).partition("3 other customers")[2].partition("</details>")[0]

    of_paying = page.partition("Paying")[2].partition("<a ")[0]
    assert "Past due" in of_paying
    assert "49.00<small>USD</small></span> a month" in of_paying
    assert "since 8 Jul 2025" in re.sub("<[^>]+>", "", of_paying)
    assert "Deleted" in page.partition("Gone")[2].partition("<a ")[0]
    assert "No subscription" in page.partition("Never began")[2].partition("<a ")[0]


def test_however_many_have_the_same_e_mail_their_subscriptions_take_one_query(desk) -> None:
    customer = a_customer(email="books@nordlicht.test")

    def queries_with(more: int) -> int:
        for _ in range(more):
            a_subscription(a_customer(email=customer.email))
        with CaptureQueriesContext(connection) as queries:
            page_of(desk, customer)
        return len(queries)

    assert queries_with(1) == queries_with(5)


def test_whose_customer_it_is_leads_to_the_application(desk, settings) -> None:
    customer = a_customer(subscriber_id='811/"><script>')
    assert "User <bdi>811/&quot;" in page_of(desk, customer)
    settings.SUBSCRIBER_URL, settings.SUBSCRIBER_NAME = "https://app.example.test/tenants/{id}/", "Tenant"

    page = page_of(desk, customer)

    assert 'href="https://app.example.test/tenants/811%2F%22%3E%3Cscript%3E/"' in page
    assert "Tenant <bdi>811/&quot;&gt;&lt;script&gt;</bdi>" in page


def test_the_timeline_goes_back_page_by_page_by_itself(desk) -> None:
    customer = a_customer()
    for day in range(20):
        an_invoice(customer, number=f"NV-{day:04}", finalized_at=NOON - timedelta(days=day), paid_at=None)

    page = page_of(desk, customer)
    older = re.search(r'hx-get="(\?timeline=[^"]+)"', page)
    assert older
    assert "Invoice issued NV-0000" in page
    assert "Invoice issued NV-0019" not in page
    audited = AuditEntry.objects.count()
    part = desk.get(
        f"/console/customers/{customer.id}/{older[1]}", headers={"HX-Request": "true", "HX-Target": "moments"}
    )

    assert "Invoice issued NV-0019" in part.content.decode()
    assert "<html" not in part.content.decode()
    assert AuditEntry.objects.count() == audited, "no new look at the customer"
    whole_page = desk.get(f"/console/customers/{customer.id}/{older[1]}").content.decode()
    assert "Invoice issued NV-0019" in whole_page
    assert "To the newest" in whole_page


def test_the_timeline_says_which_fields_changed_and_no_values(desk) -> None:
    customer = a_customer()
    before = {"email": "old@example.com", "<b>field</b>": 1}
    told = {"data": {"object": {}, "previous_attributes": before}}
    a_delivery(customer_id=customer.id, object_id=customer.id, event_type="customer.updated", payload=told)

    page = page_of(desk, customer)

    assert "Customer changed: e-mail and &lt;b&gt;field&lt;/b&gt;" in page
    assert "old@example.com" not in page


def test_what_stripe_does_opens_there_in_our_mode_and_account(desk) -> None:
    customer = a_customer(account_id="acct_1Nordlicht")
    subscription = a_subscription(customer, account_id="acct_1Nordlicht")
    payment = a_payment(customer, account_id="acct_1Nordlicht")

    page = page_of(desk, customer)
    for path in (f"customers/{customer.id}", f"subscriptions/{subscription.id}", f"payments/{payment.id}"):
        href = (
            f'href="https://dashboard.stripe.com/acct_1Nordlicht/test/{path}" target="_blank" rel="noopener noreferrer"'
        )
        assert href in page


def test_a_payment_that_was_tried_again_says_when_it_was_tried_last(desk) -> None:
    now = timezone.now()
    payment = a_payment(customer := a_customer(), status="requires_payment_method", failure_code="card_declined")
    for ago in (timedelta(days=3), timedelta(minutes=5, seconds=1)):
        a_charge(payment, status="failed", created_at=now - ago)

    told = re.sub(r"<[^>]+>", "", page_of(desk, customer))
    assert "2 attempts, the last 5 min ago" in told
