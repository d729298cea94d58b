"""What a target stands for: an object with what hangs on it, a type, or everything."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from djstripe import models as djstripe

from finances.gateway import PATHS
from finances.mirror import TYPES
from finances.models import Coupon, Invoice, Refund, ResyncRun, StripeObject
from finances.resync import plan as plans
from finances.resync.plan import LISTED, OF_EACH, Plan, make_plan
from finances.resync.request import UnknownTarget, request_resync
from tests.finances.resync.resyncing import NOW, ada, resync

pytestmark = pytest.mark.django_db

FILTERS = {"subscription": {"status": "all"}}


def test_a_customer_comes_with_everything_that_hangs_on_it(stripe):
    customer_id = ada(stripe)

    run = resync(customer_id)

    assert (run.state, run.failed, run.total) == ("complete", 0, run.done)
    for model, path in (
        (djstripe.Subscription, "/v1/subscriptions"),
        (djstripe.Invoice, "/v1/invoices"),
        (djstripe.Charge, "/v1/charges"),
        (djstripe.PaymentIntent, "/v1/payment_intents"),
        (djstripe.PaymentMethod, "/v1/payment_methods"),
    ):
        everything = {"status": "all"} if path.endswith("subscriptions") else {}
        theirs = {it["id"] for it in stripe.all(path, customer=customer_id, **everything)}
        assert theirs
        assert set(model.objects.filter(customer__id=customer_id).values_list("id", flat=True)) == theirs


@pytest.mark.parametrize("type_name", LISTED)
def test_every_type_is_read_whole_by_its_name(busy_stripe, type_name):
    stripe = busy_stripe
    if type_name in OF_EACH:
        resync("customer")
    run = resync(type_name)

    assert (run.state, run.failed) == ("complete", 0)
    if type_name == "customer_balance_transaction":
        owners = [it["id"] for it in stripe.all("/v1/customers") if it["balance"]]
        theirs = {it["id"] for owner in owners for it in stripe.all(f"/v1/customers/{owner}/balance_transactions")}
    elif type_name == "payment_method":
        theirs = {
            it["id"]
            for customer in stripe.all("/v1/customers")
            for it in stripe.all("/v1/payment_methods", customer=customer["id"])
        }
    else:
        theirs = {it["id"] for it in stripe.all(PATHS[type_name], **FILTERS.get(type_name, {}))}
    model = TYPES[type_name].model
    ours = model.objects.all() if model else StripeObject.objects.filter(type=type_name)
    assert theirs
    assert set(ours.values_list("id", flat=True)) >= theirs


def test_refunds_and_disputes_of_a_customer_come_with_it(stripe):
    charge = next(it for it in stripe.all("/v1/charges") if it["status"] == "succeeded" and it["customer"])
    refund = {"id": "re_aaaaaaaaaaaaaaaa", "object": "refund", "amount": 100, "currency": charge["currency"]}
    refund |= {"charge": charge["id"], "payment_intent": charge["payment_intent"], "status": "succeeded"}
    stripe.put(refund | {"created": charge["created"] + 1, "metadata": {}, "reason": None, "balance_transaction": None})
    stripe.patch(charge["id"], amount_refunded=100)

    run = resync(charge["customer"])

    assert run.state == "complete"
    assert Refund.objects.get(id=refund["id"]).customer_id == charge["customer"]


def test_an_id_that_does_not_tell_its_type_is_asked_for_with_it(stripe):
    coupon = {"id": "Half price!", "object": "coupon", "created": 1_700_000_000, "duration": "once", "livemode": False}
    stripe.put(coupon | {"id": "HALF-PRICE!", "percent_off": 50, "amount_off": None, "currency": None, "valid": True})

    run = resync("coupon:HALF-PRICE!")

    assert (run.state, run.new) == ("complete", 1)
    assert Coupon.objects.get().percent_off == 50


def test_a_type_in_a_range_of_creation_reads_only_that(stripe):
    invoices = stripe.all("/v1/invoices")
    middle = datetime.fromtimestamp(sorted(it["created"] for it in invoices)[len(invoices) // 2], UTC)

    resync("invoice", since=middle)

    assert set(Invoice.objects.values_list("id", flat=True)) == {
        it["id"] for it in invoices if it["created"] >= middle.timestamp()
    }


@pytest.mark.parametrize("target", ["", "staff", "cus_../accounts", "cus_1?x=1", "evt_1", "sk_test_1", "cus_", "cus 1"])
def test_a_target_that_is_none_is_refused_in_the_users_words(target):
    with pytest.raises(UnknownTarget, match=r"Stripe id that Paydesk knows|looks like a key"):
        request_resync(target, now=NOW)


def test_a_refund_that_failed_since_is_read_again_with_its_customer(stripe):
    charge = next(it for it in stripe.all("/v1/charges") if it["status"] == "succeeded" and it["customer"])
    refund = {"id": "re_aaaaaaaaaaaaaaaa", "object": "refund", "amount": 100, "currency": charge["currency"]}
    refund |= {"charge": charge["id"], "payment_intent": charge["payment_intent"], "status": "pending"}
    stripe.put(refund | {"created": charge["created"] + 1, "metadata": {}, "reason": None, "balance_transaction": None})
    stripe.patch(charge["id"], amount_refunded=100)
    resync(charge["customer"])

    stripe.patch(refund["id"], status="failed")
    stripe.patch(charge["id"], amount_refunded=0)
    resync(charge["customer"])

    assert Refund.objects.get(id=refund["id"]).status == "failed"


def test_balance_transactions_come_of_those_too_whose_balance_is_used_up(busy_stripe):
    resync("all")

    for customer in busy_stripe.all("/v1/customers"):
        theirs = {it["id"] for it in busy_stripe.all(f"/v1/customers/{customer['id']}/balance_transactions")}
        assert set(StripeObject.objects.filter(id__in=theirs).values_list("id", flat=True)) == theirs


@pytest.mark.parametrize("target", ["product:prod_gold-plan", "price:plan_gold.monthly"])
def test_an_id_that_somebody_chose_can_be_asked_for_though_it_begins_like_one_of_stripes(stripe, target):
    run = resync(target)

    assert (run.target, run.parts.first().step["id"]) == (target, target.partition(":")[2])


@pytest.mark.parametrize("type_name", ["payment_method", "customer_balance_transaction"])
def test_a_range_of_what_hangs_on_customers_is_of_its_own_creation_not_theirs(busy_stripe, type_name):
    resync("customer")
    everyone = {
        it["id"]: it["created"]
        for customer in busy_stripe.all("/v1/customers")
        for it in (
            busy_stripe.all("/v1/payment_methods", customer=customer["id"])
            if type_name == "payment_method"
            else busy_stripe.all(f"/v1/customers/{customer['id']}/balance_transactions")
        )
    }
    times = sorted(everyone.values())
    since, until = times[len(times) // 3], times[2 * len(times) // 3]

    run = resync(type_name, since=datetime.fromtimestamp(since, UTC), until=datetime.fromtimestamp(until, UTC))

    read = run.findings.filter(kind="new", object_type=type_name).values_list("object_id", flat=True)
    wanted = {each for each, created in everyone.items() if since <= created < until}
    assert run.state == "complete"
    assert wanted
    if type_name == "payment_method":
        assert set(read) == wanted
    else:  # of customers that have a balance, as far as they are known without their invoices
        assert set(read)
        assert set(read) <= wanted


def test_a_range_of_creation_and_ids_refuse_each_other():
    for given in ({"target": "cus_1234567890"}, {"target": "ids", "ids": ["cus_1234567890", "cus_1234567891"]}):
        with pytest.raises(UnknownTarget, match="A range of creation goes with a type or with all"):
            make_plan(**given, since=NOW)


def test_the_same_day_of_two_zones_is_two_ranges():
    there = make_plan("invoice", since=datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=5))))
    here = make_plan("invoice", since=datetime(2026, 1, 1, tzinfo=UTC))

    assert (there.target, there.scope) == (
        "invoice since 2025-12-31T19:00:00Z",
        {"since": "2025-12-31T19:00:00+00:00"},
    )
    assert (here.target, here.scope) == ("invoice since 2026-01-01", {"since": "2026-01-01T00:00:00+00:00"})


def test_what_comes_along_in_invoices_is_expected_too(stripe):
    resync("invoice")

    run = resync("invoice")

    assert make_plan("invoice").objects == len(stripe.all("/v1/invoices"))
    assert request_resync("invoice", now=NOW).run.total == run.done > make_plan("invoice").objects


def test_the_time_is_that_of_the_slowest_limit(monkeypatch):
    monkeypatch.setattr(plans, "limit_of", lambda scope: 40 if scope == "all" else 20)
    calls = {(0, "customer"): 30, (0, "product"): 10, (1, "price"): 20, (1, "coupon"): 20}

    plan = Plan("all", [], 0, 80, {}, calls_at=calls)

    assert plan.takes == timedelta(seconds=1.5 + 1)
    assert Plan("cus_1", [], 0, 80, {}).takes == timedelta(seconds=2)
    beside = Plan("all", [], 0, 180, {}, calls_at=calls | {(1, "payment_method"): 100})
    assert beside.takes == timedelta(seconds=100 / 20)  # and meanwhile all the others


def test_objects_by_their_ids_take_the_time_that_their_endpoint_allows(monkeypatch):
    monkeypatch.setattr(plans, "limit_of", lambda scope: 40 if scope == "all" else 20)

    plan = make_plan("", ids=[f"cus_{number}a" for number in range(400)] + [f"in_{number}a" for number in range(40)])

    assert (plan.calls, plan.takes) == (440, timedelta(seconds=400 / 20 + 40 / 20))


def test_what_differs_and_has_no_address_is_said_to_have_none():
    run = ResyncRun.objects.create(kind="compare", target="all", created_at=NOW)
    run.findings.create(
        object_id="cbtxn_1", object_type="customer_balance_transaction", kind="changed", stands=True, found_at=NOW
    )

    with pytest.raises(UnknownTarget, match=r"^Stripe has no address for what differs: a resync of its customer"):
        make_plan("drifted")
