from datetime import timedelta

import pytest
from djstripe import models as djstripe

from finances.models import Customer
from finances.reads.customer import customer_page, details
from finances.reads.customers import Amount
from finances.reads.payment_methods import Charged
from tests.factories import (
    NOON,
    a_charge,
    a_coupon,
    a_customer,
    a_discount,
    a_payment,
    a_payment_method,
    a_subscription,
    an_invoice,
)


def test_the_latest_failing_invoice_is_the_one_with_the_most_tries(db) -> None:
    customer = a_customer()
    an_invoice(customer, status="open", due_at=NOON - timedelta(days=90))
    worst = an_invoice(customer, status="open", attempt_count=3, amount_remaining=100)
    an_invoice(customer, status="open", currency="usd", attempt_count=1)
    an_invoice(customer, status="open", currency="chf")
    an_invoice(customer, status="paid")

    page = customer_page(customer.id, NOON)
    assert (page.late, page.late_count, page.open_count, page.invoice_count) == (worst, 3, 4, 5)
    assert page.late_sums == [Amount(3000, "eur"), Amount(2900, "usd")]


def test_the_newest_eight_invoices_of_this_customer_only(db) -> None:
    customer, other = a_customer(), a_customer()
    invoices = [an_invoice(customer, created_at=NOON + timedelta(days=day)) for day in range(10)]
    an_invoice(other, created_at=NOON + timedelta(days=99))

    page = customer_page(customer.id, NOON)
    assert [row.invoice for row in page.invoices] == invoices[:1:-1]
    assert page.invoice_count == 10


def test_an_unknown_customer_does_not_exist(db) -> None:
    with pytest.raises(Customer.DoesNotExist):
        customer_page("cus_nope", NOON)


def test_details_of_a_stub_are_empty() -> None:
    assert details({"id": "cus_1", "deleted": True}).address == []
    assert details({"preferred_locales": "de", "metadata": [1], "address": "x"}).languages == []


def stored(customer, **stripe_data):
    return djstripe.Customer.objects.create(id=customer.id, livemode=False, stripe_data=stripe_data)


def test_each_running_subscription_says_what_is_charged_by_its_own_order(db) -> None:
    customer = a_customer()
    whole = stored(customer, invoice_settings={"default_payment_method": "pm_customer"}, default_source="card_customer")
    own = a_subscription(customer, status="past_due", default_payment_method_id="pm_own")
    source = a_subscription(customer, status="active", default_payment_method_id="card_own")
    none = a_subscription(customer, status="trialing")
    sent = a_subscription(customer, status="active", collection_method="send_invoice")
    a_subscription(customer, status="canceled", default_payment_method_id="pm_old")
    for subscription, data in {
        own: {"default_payment_method": {"id": "pm_own"}, "default_source": "card_other"},
        source: {"default_payment_method": None, "default_source": "card_own"},
        none: {"default_payment_method": None},
    }.items():
        djstripe.Subscription.objects.create(id=subscription.id, livemode=False, customer=whole, stripe_data=data)

    paying = {each.subscription_id: each for each in customer_page(customer.id, NOON).paying}
    assert {id: each.charged for id, each in paying.items()} == {
        own.id: Charged("pm_own", "subscription"),
        source.id: Charged("card_own", "subscription_source"),
        none.id: Charged("pm_customer", "customer"),
        sent.id: Charged("pm_customer", "customer"),
    }
    assert [id for id, each in paying.items() if each.by_invoice] == [sent.id]


def test_of_a_subscription_that_stripe_charges_no_more_nothing_will_be_charged(db) -> None:
    customer = a_customer()
    a_subscription(customer, status="unpaid", default_payment_method_id="pm_old")
    a_subscription(customer, status="paused", default_payment_method_id="pm_old")

    page = customer_page(customer.id, NOON)

    assert [each.subscription_id for each in page.paying] == [""]


def test_what_an_ended_subscription_left_open_is_not_why_another_one_is_past_due(db) -> None:
    customer = a_customer()
    ended, running = a_subscription(customer, status="canceled"), a_subscription(customer, status="past_due")
    an_invoice(customer, subscription_id=ended.id, status="open", attempt_count=4)
    own = an_invoice(customer, subscription_id=running.id, status="open", attempt_count=1)

    access = customer_page(customer.id, NOON).access

    assert (access.subscription, access.invoice) == (running, own)


def test_a_subscription_whose_json_is_not_here_is_read_from_its_row(db) -> None:
    customer = a_customer()
    a_subscription(customer, default_payment_method_id="pm_row")

    (paying,) = customer_page(customer.id, NOON).paying
    assert paying.charged == Charged("pm_row", "subscription")


def test_without_a_running_subscription_it_is_the_customers_own_order(db) -> None:
    customer = a_customer()
    stored(customer, default_source="card_1")
    a_subscription(customer, status="canceled", default_payment_method_id="pm_old")

    (paying,) = customer_page(customer.id, NOON).paying
    assert (paying.subscription_id, paying.charged) == ("", Charged("card_1", "customer_source"))


def test_the_newest_eight_payments_come_with_attempts_methods_and_invoices(db) -> None:
    customer = a_customer()
    card = a_payment_method(customer)
    invoice = an_invoice(customer, status="open", next_attempt_at=NOON)
    payments = [a_payment(customer, created_at=NOON + timedelta(days=day)) for day in range(8)]
    newest = a_payment(
        customer, invoice, status="requires_payment_method", created_at=NOON + timedelta(days=99),
        payment_method_id=card.id,
    )  # fmt: skip
    charge = a_charge(payments[-1])

    rows = customer_page(customer.id, NOON).payments
    assert [row.payment for row in rows] == [newest, *payments[:0:-1]]
    assert (rows[0].method, [one.next_attempt_at for one in rows[0].purposes]) == (card, [NOON])
    assert (rows[1].method, rows[1].attempts) == (charge, [charge])


def test_discounts_that_are_over_or_of_ended_subscriptions_are_left_out(db) -> None:
    customer = a_customer()
    running, ended = a_subscription(customer), a_subscription(customer, status="canceled")
    own, on_running = a_discount(a_coupon(), customer), a_discount(a_coupon(), customer, running)
    a_discount(a_coupon(), customer, ended)
    a_discount(a_coupon(), customer, running, ends_at=NOON)

    assert [row.discount for row in customer_page(customer.id, NOON).discounts] == [own, on_running]


def test_tax_ids_are_read_where_stripe_gave_them() -> None:
    data = {"tax_ids": {"data": [{"value": "DE811907980", "type": "eu_vat", "verification": {"status": "verified"}}]}}

    assert details(data).tax_ids == [("DE811907980", "eu_vat", "verified")]
    assert details({"tax_ids": [None, {"value": 7}]}).tax_ids == [("", "", "")]
