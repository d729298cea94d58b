import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from djstripe import models as djstripe

from finances.models import AuditEntry, FormerEmail, PromotionCode, StripeObject
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
    a_product,
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
        ({}, "unpaid", "Access is at risk: The subscription is unpaid, and its retries are over."),
        ({}, "past_due", "Access is at risk: The subscription is past due."),
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


def whole(customer, **stripe_data):
    return djstripe.Customer.objects.create(id=customer.id, livemode=False, stripe_data=stripe_data)


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


def test_others_with_the_same_e_mail_and_earlier_e_mails_are_named(desk) -> None:
    customer = a_customer(email="books@nordlicht.test")
    other = a_customer(name="Nordlicht Akademie", email="books@nordlicht.test")
    a_customer(name="Somebody else", email="other@nordlicht.test")
    FormerEmail.objects.create(customer_id=customer.id, email="old@nordlicht.test", until=NOON)

    page = page_of(desk, customer)
    assert f'<a href="/console/customers/{other.id}/"><bdi>Nordlicht Akademie</bdi></a>' in page
    assert "old@nordlicht.test" in page
    assert "Somebody else" not in page


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
