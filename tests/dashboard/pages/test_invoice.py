from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from djstripe import models as djstripe

from finances.models import TaxRate
from tests.factories import (
    NOON,
    a_charge,
    a_coupon,
    a_credit_note,
    a_customer,
    a_delivery,
    a_discount,
    a_dispute,
    a_line,
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
    invoice = an_invoice(
        customer, number="NV-1", total=152796, subscription_id=subscription.id, billing_reason="subscription_cycle"
    )
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
    for words in ("1,527.96", "Renewal of", "Business, 40 seats", "Charged automatically", "Stripe holds more"):
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
        finalized_at=now - timedelta(days=5, hours=12), next_attempt_at=now + timedelta(hours=24, seconds=5),
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


@pytest.mark.guarantee("D4")
def test_hostile_text_in_every_field_is_shown_as_text(desk) -> None:
    invoice = an_invoice(a_customer(name=EVIL), number=EVIL, billing_reason=EVIL)
    stored(
        invoice,
        {
            "description": EVIL,
            "customer_name": EVIL,
            "customer_address": {"line1": EVIL},
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


def test_tries_say_what_happened_and_what_comes_next(desk) -> None:
    customer = a_customer()
    card = a_payment_method(customer, brand="mastercard", last4="5100")
    subscription = a_subscription(customer, default_payment_method_id=card.id)
    invoice = an_invoice(
        customer, status="open", total=2900, attempt_count=2, subscription_id=subscription.id,
        next_attempt_at=timezone.now() + timedelta(days=2),
    )  # fmt: skip
    stored(invoice, {"default_payment_method": card.id})
    payment = a_payment(customer, invoice, status="requires_payment_method")
    for code in ("do_not_honor", "insufficient_funds"):
        a_charge(payment, status="failed", failure_code="card_declined", decline_code=code)

    page = page_of(desk, invoice)
    for words in (
        "Not paid: 2 tries failed. The last said: There is not enough money on the card.", "Planned", "The next try",
        "Mastercard 5100", "set on this invoice, which goes first", "do_not_honor",
    ):  # fmt: skip
        assert words in page
    assert f'href="/console/payments/{payment.id}/"' in page


def test_credit_notes_refunds_and_disputes_are_on_the_page(desk) -> None:
    customer = a_customer()
    invoice = an_invoice(customer, number="NV-1")
    charge = a_charge(a_payment(customer, invoice))
    a_credit_note(invoice, total=700, refund_amount=500, pre_payment_amount=200, memo="Two seats too many")
    a_refund(charge, amount=500)
    dispute = a_dispute(charge)

    page = page_of(desk, invoice)
    for words in ("NV-1-CN-01", "5.00 EUR refunded", "2.00 EUR taken off the open invoice", "Two seats too many"):
        assert words in page
    for words in ("The order changed", "Refund", f'href="/console/disputes/{dispute.id}/"', "Needs response"):
        assert words in page


def test_discounts_and_taxes_are_named(desk) -> None:
    customer = a_customer()
    invoice = an_invoice(customer)
    discount = a_discount(a_coupon(name="Partners"), customer)
    TaxRate.objects.create(id="txr_1", display_name="VAT", percentage=19, country="DE", created_at=NOON)
    stored(
        invoice,
        {
            "total_discount_amounts": [{"amount": 290, "discount": discount.id}, {"amount": 10, "discount": "di_x"}],
            "total_taxes": [
                {"amount": 550, "tax_behavior": "inclusive", "tax_rate_details": {"tax_rate": "txr_1"}},
                {"amount": 0, "tax_behavior": "exclusive", "taxability_reason": "reverse_charge"},
            ],
            "amount_paid_off_stripe": 900,
            "amount_overpaid": 100,
            "starting_balance": 250,
            "ending_balance": 0,
            "customer_tax_ids": [{"type": "eu_vat", "value": "DE811907980"}],
            "lines": {"data": [{"description": "Seats", "amount": 2900}]},
        },
    )

    page = page_of(desk, invoice)
    for words in ("Discount Partners", "−2.90", "Discount di_x", "VAT 19 %, DE, already in the sum", "5.50"):
        assert words in page
    for words in ("Tax (reverse charge)", "Outside Stripe", "9.00", "Overpaid by 1.00 EUR", "DE811907980"):
        assert words in page


def test_more_than_fifty_lines_are_shown_on_demand(desk) -> None:
    invoice = an_invoice(a_customer())
    for position in range(53):
        a_line(invoice, position=position, description=f"Line {position:03}")
    address = f"/console/invoices/{invoice.id}/"

    page = page_of(desk, invoice)
    assert ("Line 049" in page, "Line 050" in page) == (True, False)
    assert 'href="?lines=all"' in page
    page = desk.get(address + "?lines=all").content.decode()
    assert "Line 052" in page
    assert "Show all" not in page


def test_the_credit_and_the_charge_of_one_change_stand_together(desk) -> None:
    invoice = an_invoice(a_customer())
    for position, (amount, day) in enumerate([(-1000, 3), (-50, 9), (1811, 3)]):
        moment = NOON.replace(day=day)
        a_line(invoice, position=position, amount=amount, proration=True, subscription_id="sub_1", starts_at=moment)
    a_line(invoice, position=3, amount=2900)

    response = desk.get(f"/console/invoices/{invoice.id}/")
    groups = response.context["groups"]
    changed = [group.changed_at and group.changed_at.day for group in groups]
    amounts = [[row.line.amount for row in group.lines] for group in groups]
    assert (changed, amounts) == ([3, 9, None], [[-1000, 1811], [-50], [2900]])
    assert "8.11" in response.content.decode()


def test_the_number_of_queries_does_not_grow(desk) -> None:
    subscription = a_subscription(customer := a_customer())
    invoice = an_invoice(customer, subscription_id=subscription.id)
    discount = a_discount(a_coupon(), customer)
    TaxRate.objects.create(id="txr_1", created_at=NOON)
    stored(
        invoice,
        {
            "default_payment_method": "pm_1",
            "total_discount_amounts": [{"amount": 1, "discount": discount.id}],
            "total_taxes": [{"amount": 1, "tax_rate_details": {"tax_rate": "txr_1"}}],
        },
    )

    def queries_with(rows: int) -> int:
        for position in range(rows):
            an_item(subscription)
            a_delivery(object_id=invoice.id)
            a_line(invoice, position=position)
            charge = a_charge(a_payment(customer, invoice))
            a_refund(charge)
            a_dispute(charge)
            a_credit_note(invoice)
        with CaptureQueriesContext(connection) as queries:
            page_of(desk, invoice)
        return len(queries)

    assert queries_with(2) == queries_with(38) == QUERIES


QUERIES = 27  # session, user, 2 of rights, the shell’s 4, 15 of the page, freshness, what failed, timeline, notes


def test_an_event_that_was_put_aside_is_said_and_leads_there(desk) -> None:
    invoice = an_invoice(a_customer())
    seen(invoice.id)
    page = page_of(desk, invoice)
    assert "could not be processed" not in page
    event = a_delivery(object_id=invoice.id, state="quarantined", created_at=NOON + timedelta(minutes=1))

    page = page_of(desk, invoice)

    assert "An event about this invoice could not be processed." in page
    assert "What is shown may lack it." in page
    assert f'<a class="pd-btn pd-btn-s" href="/console/webhooks/{event.pk}/">Open the event</a>' in page


@pytest.mark.parametrize(("number", "shown"), [("2847-1932", True), (None, False)])
def test_the_number_of_a_receipt_is_shown_where_there_is_one(desk, number, shown) -> None:
    invoice = an_invoice(a_customer())
    stored(invoice, {"receipt_number": number})

    page = page_of(desk, invoice)

    assert ("Receipt number" in page) == shown
    assert ("2847-1932" in page) == shown
