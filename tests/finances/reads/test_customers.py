from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.models import Customer
from finances.reads.customers import customer_rows, newest_customers, subscribing
from tests.factories import a_customer, a_payment_method, a_product, a_subscription, an_invoice, an_item


def the_row(customer):
    return customer_rows([customer])[0]


def test_mrr_adds_active_and_past_due_subscriptions_only(db) -> None:
    customer = a_customer()
    for status, mrr in [("active", 1000), ("past_due", 200), ("trialing", 30), ("unpaid", 4), ("canceled", 5)]:
        a_subscription(customer, status=status, mrr=Decimal(mrr))

    assert the_row(customer).mrr == [(Decimal(1200), "eur")]


def test_mrr_is_never_added_across_currencies(db) -> None:
    customer = a_customer()
    a_subscription(customer, currency="eur", mrr=Decimal(1000))
    a_subscription(customer, currency="usd", mrr=Decimal(500))

    assert the_row(customer).mrr == [(Decimal(1000), "eur"), (Decimal(500), "usd")]


def test_one_value_that_cannot_be_computed_leaves_the_sum_open(db) -> None:
    customer = a_customer()
    a_subscription(customer, mrr=Decimal(1000))
    a_subscription(customer, mrr=None)

    assert the_row(customer).mrr == [(None, "eur")]


def test_open_is_what_remains_on_open_invoices_and_paid_what_came_in_on_any(db) -> None:
    customer = a_customer()
    an_invoice(customer, total=1000)
    an_invoice(customer, status="open", total=700, amount_paid=200, amount_remaining=500)
    an_invoice(customer, status="uncollectible", total=90)
    an_invoice(customer, status="draft", total=80)
    an_invoice(customer, currency="jpy", total=5000)

    billed = the_row(customer).billed
    assert billed.open == [(500, "eur")]
    assert billed.paid == [(1200, "eur"), (5000, "jpy")]


def test_the_most_pressing_subscription_comes_first_and_ended_plans_are_left_out(db) -> None:
    customer = a_customer()
    an_item(a_subscription(customer, status="canceled"), a_product(name="Old"))
    an_item(a_subscription(customer, status="active"), a_product(name="Starter"))
    an_item(a_subscription(customer, status="past_due"), a_product(name="Business"))

    row = the_row(customer)
    assert [each.status for each in row.subscriptions] == ["past_due", "active", "canceled"]
    assert [item.product for item in row.items] == ["Business", "Starter"]


def test_the_open_invoice_with_the_most_tries_is_named(db) -> None:
    customer = a_customer()
    an_invoice(customer, status="open", attempt_count=1)
    worst = an_invoice(customer, status="open", attempt_count=3)
    an_invoice(customer, status="paid", attempt_count=7)

    assert the_row(customer).retried.invoice_id == worst.id


@pytest.mark.parametrize(
    ("asked", "found"),
    [("active", {"active", "both"}), ("past_due", set()), ("canceled", {"left"}), ("none", {"never"})],
)
def test_customers_are_told_apart_by_how_they_subscribe(db, asked: str, found: set[str]) -> None:
    for name, statuses in {
        "active": ["active"],
        "both": ["active", "canceled"],
        "left": ["canceled"],
        "never": [],
    }.items():
        customer = a_customer(name=name)
        for status in statuses:
            a_subscription(customer, status=status)

    assert {each.name for each in newest_customers().filter(subscribing(asked))} == found


@pytest.mark.parametrize("size", [2, 40])
def test_the_rows_of_a_page_cost_four_queries(db, size: int) -> None:
    for _ in range(size):
        customer = a_customer()
        an_item(a_subscription(customer))
        an_invoice(customer)
    customers = list(Customer.objects.all())

    with CaptureQueriesContext(connection) as queries:
        customer_rows(customers)
    assert len(queries) == 4


def test_the_customers_own_default_method_comes_along(db) -> None:
    customer = a_customer()
    card = a_payment_method(customer)
    a_payment_method(customer)
    customer.default_payment_method_id = card.id

    assert the_row(customer).method == card
    assert the_row(a_customer()).method is None
