"""A key that may only read, and not everything: the rest is read, and what it lacks is named."""

import pytest
from djstripe import models as djstripe

from finances.models import Charge, Customer, Discount, MissingScope, Subscription
from finances.resync import control
from finances.sandbox.api.resources import SCOPES
from tests.finances.resync.resyncing import NOW, ada, ended, resync

pytestmark = pytest.mark.django_db


@pytest.fixture
def key_without(stripe, monkeypatch):
    def restrict(*missing: str) -> None:
        key = "rk_test_" + "a" * 24
        stripe.keys({key: {"scopes": [f"{noun}:read" for noun in SCOPES if noun not in missing]}})
        monkeypatch.setenv("STRIPE_TEST_SECRET_KEY", key)

    return restrict


@pytest.mark.guarantee("B7")
def test_a_key_that_may_only_read_is_enough(stripe, key_without):
    key_without()

    run = resync("all")

    assert (run.state, run.failed) == ("complete", 0)
    assert {call.partition(" ")[0] for call in stripe.calls()} == {"GET"}


@pytest.mark.guarantee("B7")
@pytest.mark.parametrize("missing", ["charge", "payment_method", "customer", "invoice", "coupon"])
def test_what_the_key_lacks_is_named_and_all_else_is_read(stripe, key_without, missing):
    key_without(missing)

    run = resync("all")

    assert run.state == "partial"
    finding = run.findings.get(kind="failed", object_id=f"all {missing}s")
    assert finding.problem == f"The key in STRIPE_TEST_SECRET_KEY may not read {missing.replace('_', ' ')}s."
    assert "read access" in finding.advice
    assert MissingScope.objects.get(type=missing).sentence == finding.problem
    assert djstripe.Product.objects.count() == len(stripe.all("/v1/products"))
    assert djstripe.PaymentIntent.objects.count() == len(stripe.all("/v1/payment_intents"))


def test_a_discounted_subscription_is_read_by_a_key_that_may_not_read_coupons(stripe, key_without):
    customer = ada(stripe)
    coupon = {"id": "HALF", "object": "coupon", "created": 1_700_000_000, "duration": "forever", "livemode": False}
    stripe.put(coupon | {"percent_off": 50, "amount_off": None, "currency": None, "valid": True, "metadata": {}})
    subscription = stripe.all("/v1/subscriptions", status="all", customer=customer)[0]
    source = {"type": "coupon", "coupon": "HALF"}
    discount = {"id": "di_1", "object": "discount", "source": source, "customer": customer, "start": 1_700_000_000}
    discount |= {"subscription": subscription["id"], "end": None, "promotion_code": None, "subscription_item": None}
    stripe.patch(subscription["id"], discounts=[discount])
    key_without("coupon")

    run = resync("subscription")

    assert run.state == "partial"
    assert [it.object_id for it in run.findings.filter(kind="failed")] == ["all coupons"]
    assert Subscription.objects.filter(id=subscription["id"]).exists()
    assert Discount.objects.get(subscription_id=subscription["id"]).coupon_id == "HALF"


def test_with_the_right_that_was_missing_the_rest_is_read(stripe, key_without, admin):
    key_without("charge")
    run = resync("all")
    assert not Charge.objects.exists()
    key_without()

    run = ended(control.retry_failed(run.pk, now=NOW, by=admin))

    assert (run.state, run.failed) == ("complete", 0)
    assert Charge.objects.count() == len(stripe.all("/v1/charges"))
    assert not MissingScope.objects.exists()


def test_one_object_that_the_key_may_not_read_says_so_and_changes_nothing(stripe, key_without):
    customer = ada(stripe)
    key_without("customer")

    run = resync(customer)

    assert run.state == "partial"
    finding = run.findings.get(object_id=customer)
    assert finding.problem == "The key in STRIPE_TEST_SECRET_KEY may not read customers."
    assert not Customer.objects.exists()


@pytest.mark.guarantee("B7")
@pytest.mark.parametrize("target", ["all", "customer"])
def test_a_first_resync_by_a_key_that_may_not_read_the_account_says_so_once(stripe, key_without, target):
    key_without("accounts_kyc_basic")

    run = resync(target)

    finding = run.findings.get()
    assert (run.state, run.done, run.failed, run.calls) == ("partial", 0, 1, 1)
    assert (finding.object_id, finding.object_type) == ("all accounts", "account")
    assert finding.problem == (
        "The key in STRIPE_TEST_SECRET_KEY may not read accounts. "
        "Every object is kept under its account, so none could be read."
    )
    assert finding.advice == "Give the restricted key read access to accounts in Stripe's dashboard."
    assert run.problem == f"{finding.problem} {finding.advice}"
    assert MissingScope.objects.get().sentence == "The key in STRIPE_TEST_SECRET_KEY may not read accounts."
    assert stripe.calls() == {"GET /v1/account": 1}


def test_once_the_key_may_read_the_account_a_first_resync_that_could_not_goes_on(stripe, key_without, admin):
    key_without("accounts_kyc_basic")
    run = resync("customer")
    key_without()

    run = ended(control.retry_failed(run.pk, now=NOW, by=admin))

    assert (run.state, run.failed, run.problem) == ("complete", 0, "")
    assert Customer.objects.count() == len(stripe.all("/v1/customers"))
    assert not MissingScope.objects.exists()


def test_a_later_resync_reads_all_but_the_account_and_a_retry_that_too(stripe, key_without, admin):
    resync("product")
    key_without("accounts_kyc_basic")

    run = resync("customer")

    assert (run.state, run.failed, run.done) == ("partial", 1, len(stripe.all("/v1/customers")))
    assert [it.object_id for it in run.findings.filter(kind="failed")] == ["all accounts"]
    assert MissingScope.objects.get().type == "account"
    for scopes, state in ((["accounts_kyc_basic"], "partial"), ([], "complete")):
        key_without(*scopes)
        run = ended(control.retry_failed(run.pk, now=NOW, by=admin))
        assert (run.state, run.failed, run.findings.filter(kind="failed").count()) == (state, *[len(scopes)] * 2)
    assert not MissingScope.objects.exists()
