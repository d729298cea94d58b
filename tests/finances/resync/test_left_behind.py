"""With a customer that is deleted, Stripe cancels their subscriptions: whoever reads the one alone reads those too."""

import pytest
from django.utils import timezone

from finances.metrics.paying import ever_paying, paying_at
from finances.models import Customer, ResyncPart, Subscription
from tests.finances.resync.resyncing import ada, compare, resync
from tests.finances.resync.test_run import pages_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(stripe) -> str:
    """Here with a subscription that runs, and deleted at Stripe without a word since."""
    customer = ada(stripe)
    resync(customer)
    assert paying_for(customer)
    stripe.delete(customer)
    stripe.forget_calls()
    return customer


def paying_for(customer: str) -> int:
    """How many of their subscriptions MRR counts now."""
    return ever_paying().filter(paying_at(timezone.now()), customer_id=customer).count()


def another(stripe, customer: str) -> str:
    return next(it["id"] for it in stripe.all("/v1/customers") if it["id"] != customer)


def test_of_some_ids_the_subscriptions_of_those_that_are_gone_are_read_directly(stripe, customer):
    run = resync("ids", ids=[customer, another(stripe, customer)])

    assert (run.state, run.failed) == ("complete", 0)
    assert set(Subscription.objects.filter(customer_id=customer).values_list("status", flat=True)) == {"canceled"}
    assert Customer.objects.get(id=customer).subscribing == "canceled"
    assert paying_for(customer) == 0
    assert stripe.calls()["GET /v1/subscriptions/{id}"] == 1
    assert [step["type"] for step in run.parts.order_by("number").values_list("step", flat=True)] == [
        "customer", "subscription",
    ]  # fmt: skip


@pytest.mark.parametrize("size", [3, 100])
def test_of_all_customers_too_wherever_its_page_ends(stripe, monkeypatch, customer, size):
    pages_of(monkeypatch, size)

    run = resync("customer")

    assert (run.state, run.gone) == ("complete", 1)
    assert paying_for(customer) == 0


def test_one_that_was_known_to_be_gone_mends_what_was_left(stripe, customer):
    resync("customer")
    Subscription.objects.filter(customer_id=customer).update(status="active", paying_until=None)
    assert paying_for(customer)

    resync("ids", ids=[customer])

    assert paying_for(customer) == 0


def test_where_the_children_are_read_anyway_nothing_is_read_twice(stripe, customer):
    run = resync(customer)

    assert run.state == "complete"
    assert paying_for(customer) == 0
    assert not ResyncPart.objects.filter(run=run, step__has_key="ids").exists()


def test_a_comparison_reads_none_of_it_since_it_writes_nothing(stripe, customer):
    compare("ids", ids=[customer])

    assert "GET /v1/subscriptions/{id}" not in stripe.calls()
    assert paying_for(customer)


def test_a_subscription_that_the_key_may_not_read_makes_the_run_partial(stripe, monkeypatch, customer):
    key = "rk_test_" + "c" * 24
    stripe.keys({key: {"scopes": ["customer:read", "accounts_kyc_basic:read"]}})
    monkeypatch.setenv("STRIPE_TEST_SECRET_KEY", key)

    run = resync("ids", ids=[customer])

    assert run.state == "partial"
    assert {it.object_type for it in run.findings.filter(kind="failed")} == {"subscription"}
