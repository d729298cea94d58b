from datetime import UTC, datetime, timedelta

import pytest

from finances.models import PaymentMethod
from finances.reads.payment_methods import Charged, expiry, methods_of, newer_than, will_be_charged
from tests.factories import NOON, a_customer, a_payment_method

SUBSCRIPTION = {"default_payment_method": "pm_sub", "default_source": "card_sub"}
CUSTOMER = {"invoice_settings": {"default_payment_method": "pm_cus"}, "default_source": "card_cus"}


@pytest.mark.parametrize(
    ("subscription", "customer", "charged"),
    [
        (SUBSCRIPTION, CUSTOMER, Charged("pm_sub", "subscription")),
        ({"default_source": "card_sub"}, CUSTOMER, Charged("card_sub", "subscription_source")),
        ({"default_payment_method": None, "default_source": None}, CUSTOMER, Charged("pm_cus", "customer")),
        ({}, {"default_source": "card_cus"}, Charged("card_cus", "customer_source")),
        ({}, {"invoice_settings": None, "default_source": {"id": "src_1"}}, Charged("src_1", "customer_source")),
        ({"default_payment_method": {"id": "pm_whole"}}, {}, Charged("pm_whole", "subscription")),
        ({}, {}, Charged("", "")),
        ({"default_payment_method": 7}, {"invoice_settings": "x"}, Charged("", "")),
    ],
)
def test_stripe_charges_the_subscriptions_method_then_its_source_then_the_customers(
    subscription, customer, charged: Charged
) -> None:
    assert will_be_charged(subscription, customer) == charged


@pytest.mark.parametrize(
    ("invoice", "charged"),
    [
        ({"default_payment_method": "pm_in", "default_source": "card_in"}, Charged("pm_in", "invoice")),
        ({"default_source": "card_in"}, Charged("card_in", "invoice_source")),
        ({"default_payment_method": None}, Charged("pm_sub", "subscription")),
    ],
)
def test_an_invoices_own_method_goes_before_all(invoice, charged: Charged) -> None:
    assert will_be_charged(SUBSCRIPTION, CUSTOMER, invoice) == charged


def test_a_newer_method_than_the_one_that_is_charged_is_found(db) -> None:
    customer = a_customer()
    old = a_payment_method(customer, created_at=NOON - timedelta(days=9))
    middle = a_payment_method(customer, created_at=NOON - timedelta(days=5))
    newest = a_payment_method(customer)
    methods = methods_of(customer.id)

    assert methods == [newest, middle, old]
    assert newer_than(old.id, methods) == newer_than(middle.id, methods) == newest
    assert newer_than(newest.id, methods) is None
    assert newer_than("card_never_read", methods) is None


def test_a_method_that_was_taken_away_is_not_the_newest(db) -> None:
    customer = a_customer()
    charged = a_payment_method(customer, created_at=NOON - timedelta(days=9))
    a_payment_method(customer, customer_id="")
    a_payment_method(customer, deleted_at=NOON)

    assert newer_than(charged.id, list(PaymentMethod.objects.all())) is None


def test_the_methods_are_the_customers_and_the_ones_asked_for_beside(db, django_assert_num_queries) -> None:
    customer, other = a_customer(), a_customer()
    own, theirs, detached = a_payment_method(customer), a_payment_method(other), a_payment_method(other, customer_id="")

    with django_assert_num_queries(1):
        assert set(methods_of(customer.id, [detached.id])) == {own, detached}
    assert theirs not in methods_of("")
    assert detached not in methods_of("")


@pytest.mark.parametrize(
    ("month", "year", "word"),
    [
        (10, 2026, "expired"),
        (11, 2026, "soon"),
        (12, 2026, "soon"),
        (1, 2027, ""),
        (12, 2025, "expired"),
        (None, None, ""),
    ],
)
def test_a_card_is_good_until_the_end_of_its_month(month, year, word: str) -> None:
    card = PaymentMethod(expires_month=month, expires_year=year)

    assert expiry(card, datetime(2026, 11, 30, 23, 59, tzinfo=UTC)) == word
