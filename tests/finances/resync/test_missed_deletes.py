"""What is here and a complete list lacks is read directly, and only Stripe's own word makes a tombstone."""

import pytest

from finances import gateway
from finances.gateway import Gateway, Page
from finances.models import Customer, Invoice, ListedMonth, ObjectState, ObjectVersion, OwnAccount, PaymentMethod
from finances.models import ResyncFinding as Finding
from finances.resync.reading import RunGateway
from finances.sandbox import Sandbox
from finances.sandbox.api.resources import SCOPES
from finances.stripe_problems import NoSuchObject, StripeFailed
from tests.finances.resync.resyncing import NOW, ada, compare, resync
from tests.finances.resync.test_run import pages_of
from tests.local_stripe import LocalStripe

pytestmark = pytest.mark.django_db


@pytest.mark.guarantee("B5")
@pytest.mark.parametrize("size", [3, 100])
def test_a_customer_deleted_behind_our_back_is_found_wherever_its_page_ends(stripe, monkeypatch, size):
    resync("customer")
    pages_of(monkeypatch, size)
    everyone = [it["id"] for it in stripe.all("/v1/customers")]
    gone = [everyone[0], everyone[2], everyone[3], everyone[-1]]
    for each in gone:
        stripe.delete(each)
    stripe.forget_calls()

    run = resync("customer")

    assert (run.state, run.gone, run.failed) == ("complete", 4, 0)
    assert set(Customer.objects.exclude(deleted_at=None).values_list("id", flat=True)) == set(gone)
    assert stripe.calls()["GET /v1/customers/{id}"] == 4
    assert ObjectVersion.objects.filter(object_id=gone[0]).count() == 2  # its history stays
    stripe.forget_calls()
    assert resync("customer").gone == 0
    assert "GET /v1/customers/{id}" not in stripe.calls()


@pytest.mark.guarantee("B5")
def test_what_a_list_merely_lacks_stays_alive(stripe):
    resync("customer")
    stripe.faults(drop_one=1.0)

    run = resync("customer")

    assert (run.state, run.gone) == ("complete", 0)
    assert not Customer.objects.exclude(deleted_at=None).exists()


@pytest.mark.guarantee("B5")
@pytest.mark.parametrize("problem", ["401", "403"])
def test_a_key_that_may_not_look_deletes_nothing(stripe, monkeypatch, problem):
    resync("customer")
    key = "rk_test_" + "b" * 24
    stripe.keys({key: {"scopes": ["product:read"]} if problem == "403" else {"revoked": True}})
    monkeypatch.setenv("STRIPE_TEST_SECRET_KEY", key)

    run = resync("customer")

    assert run.state == ("partial" if problem == "403" else "failed")
    assert not Customer.objects.exclude(deleted_at=None).exists()


@pytest.mark.guarantee("B5")
def test_the_key_of_another_account_deletes_nothing(stripe, monkeypatch):
    resync("customer")
    OwnAccount.objects.update(account_id="acct_another")
    monkeypatch.setattr(Gateway, "page", lambda *given, **more: Page([], has_more=False))

    def nobody(self, type, object_id):
        raise NoSuchObject("Stripe has no such customer.")

    monkeypatch.setattr(Gateway, "retrieve", nobody)

    run = resync("customer")

    assert run.state == "failed"
    assert run.problem.startswith("The key belongs to another Stripe account")
    assert not Customer.objects.exclude(deleted_at=None).exists()


@pytest.fixture
def key_without_the_account(monkeypatch):
    """Of the account that this local Stripe is; its refusal names it, or not."""

    def put(stripe, *, is_named: bool = True) -> None:
        key = "rk_test_" + "z" * 24
        stripe.keys({key: {"scopes": [f"{noun}:read" for noun in SCOPES if noun != "accounts_kyc_basic"]}})
        monkeypatch.setenv("STRIPE_TEST_SECRET_KEY", key)
        if not is_named:
            monkeypatch.setattr(gateway, "_named_account", lambda error: "")

    return put


@pytest.mark.guarantee("B5")
@pytest.mark.parametrize("target", ["customer", "one"])
def test_the_restricted_key_of_another_account_writes_nothing(stripe, settings, key_without_the_account, target):
    resync("customer")
    here = set(Customer.objects.values_list("id", flat=True))
    other = Sandbox(customers=5, months=1, seed=99)
    settings.STRIPE_API_BASE = other.start(port=0)
    key_without_the_account(LocalStripe(settings.STRIPE_API_BASE))
    try:
        run = resync("customer" if target == "customer" else min(here))
    finally:
        other.stop()

    assert (run.state, run.done, run.calls) == ("failed", 0, 1)
    assert run.problem.startswith("The key belongs to another Stripe account")
    assert set(Customer.objects.filter(deleted_at=None).values_list("id", flat=True)) == here


@pytest.mark.guarantee("B5")
def test_a_key_that_is_told_whose_it_is_when_it_is_refused_finds_what_is_gone(stripe, key_without_the_account):
    resync("customer")
    stripe.delete(ada(stripe))
    key_without_the_account(stripe)

    run = resync("customer")

    assert (run.state, run.gone) == ("partial", 1)
    assert [it.object_id for it in run.findings.filter(kind="failed")] == ["all accounts"]


@pytest.mark.guarantee("B5")
@pytest.mark.parametrize("how", ["one", "list", "compare"])
def test_where_nothing_says_whose_the_key_is_nothing_is_called_gone(stripe, key_without_the_account, how):
    customer = ada(stripe)
    resync(customer)
    invoice = Invoice.objects.filter(customer_id=customer).first().id
    stripe.delete(invoice)
    key_without_the_account(stripe, is_named=False)

    run = compare("invoice") if how == "compare" else resync(invoice if how == "one" else "invoice")

    failed = {it.object_id: it for it in run.findings.filter(kind="failed")}
    assert (run.state, run.gone, failed.keys()) == ("partial", 0, {invoice, "all accounts"})
    assert "the key may not say whose it is" in failed[invoice].problem
    assert failed[invoice].advice.startswith("Give the restricted key read access to accounts")
    assert Invoice.objects.get(id=invoice).deleted_at is None


@pytest.mark.guarantee("B5")
def test_the_key_of_the_other_mode_deletes_nothing(stripe, settings, monkeypatch):
    customer = ada(stripe)
    resync(customer)
    settings.STRIPE_LIVE_MODE = True
    monkeypatch.setenv("STRIPE_LIVE_SECRET_KEY", "sk_live_" + "a" * 24)

    run = resync(customer)

    assert run.state == "failed"
    assert run.problem.startswith("This object is of test mode")
    assert Customer.objects.get(id=customer).deleted_at is None


def test_a_draft_that_was_deleted_is_found_among_a_customers_invoices(stripe):
    customer = ada(stripe)
    resync(customer)
    invoice = Invoice.objects.filter(customer_id=customer).first()
    stripe.delete(invoice.id)

    run = resync(customer)

    assert [(it.object_id, it.kind) for it in run.findings.filter(object_type="invoice")] == [(invoice.id, "gone")]
    assert Invoice.objects.get(id=invoice.id).deleted_at is not None


def test_a_method_that_was_detached_costs_one_call_once(stripe):
    resync("customer")
    resync("payment_method")
    method = PaymentMethod.objects.exclude(customer_id="").first()
    stripe.patch(method.id, customer=None)

    for calls in (1, None):
        stripe.forget_calls()
        run = resync("payment_method")
        assert run.state == "complete"
        assert stripe.calls().get("GET /v1/payment_methods/{id}") == calls
    assert PaymentMethod.objects.get(id=method.id).customer_id == ""


def test_a_compare_finds_what_is_gone_and_writes_nothing(stripe):
    resync("customer")
    gone = ada(stripe)
    stripe.delete(gone)
    states = list(ObjectState.objects.order_by("object_id").values())
    versions = ObjectVersion.objects.count()

    run = compare("customer")

    assert (run.state, run.gone, run.changed, run.new) == ("complete", 1, 0, 0)
    assert run.findings.get().kind == Finding.Kind.GONE
    assert list(ObjectState.objects.order_by("object_id").values()) == states
    assert ObjectVersion.objects.count() == versions
    assert Customer.objects.get(id=gone).deleted_at is None


@pytest.mark.parametrize("size", [4, 100])
def test_a_whole_list_says_what_it_counted_by_month(stripe, monkeypatch, size):
    resync("customer")
    pages_of(monkeypatch, size)
    # What came while it was read is not missing.
    everyone = sum(it["created"] < (NOW - ListedMonth.MARGIN).timestamp() for it in stripe.all("/v1/customers"))
    stripe.delete(ada(stripe))

    resync("customer")

    rows = ListedMonth.objects.filter(type="customer")
    assert sum(row.missing_there for row in rows) == 1
    assert sum(row.listed for row in rows) == sum(row.held for row in rows) == everyone - 1


@pytest.mark.parametrize("kind", ["compare", "resync"])
def test_what_a_page_lacks_is_counted_once_however_often_the_page_is_read(stripe, monkeypatch, no_pauses, kind):
    resync("customer")
    everyone = stripe.all("/v1/customers")
    # Of those that came a moment ago nobody counts what is missing.
    long_here = sorted(it["id"] for it in everyone if it["created"] < (NOW - ListedMonth.MARGIN).timestamp())
    gone = [long_here[1], long_here[4]]
    for each in gone:
        stripe.delete(each)
    retrieve, failed = RunGateway.retrieve, []

    def fails_once(self, type, object_id):
        if object_id == gone[1] and not failed:
            failed.append(object_id)
            raise StripeFailed
        return retrieve(self, type, object_id)

    monkeypatch.setattr(RunGateway, "retrieve", fails_once)

    run = compare("customer") if kind == "compare" else resync("customer")

    assert failed
    assert (run.gone, run.done, run.findings.count()) == (2, len(everyone), 2)
    assert sum(row.missing_there for row in ListedMonth.objects.filter(type="customer")) == 2


def test_what_a_list_merely_lacks_is_counted_once_too(stripe, monkeypatch, no_pauses):
    resync("customer")
    _first, second, *rest = sorted(it["id"] for it in stripe.all("/v1/customers"))
    page, retrieve, failed = Gateway.page, RunGateway.retrieve, []

    def without_two(self, type, **more):
        answer = page(self, type, **more)
        return answer._replace(objects=[it for it in answer.objects if it["id"] in rest])

    def fails_once(self, type, object_id):
        if object_id == second and not failed:
            failed.append(object_id)
            raise StripeFailed
        return retrieve(self, type, object_id)

    monkeypatch.setattr(Gateway, "page", without_two)
    monkeypatch.setattr(RunGateway, "retrieve", fails_once)

    run = resync("customer")

    assert failed
    assert (run.state, run.done - run.new, run.gone) == ("complete", 2 + len(rest), 0)  # new: what came along


def test_one_that_a_page_lacks_and_that_cannot_be_stored_leaves_the_rest_of_the_list_to_be_read(stripe, monkeypatch):
    resync("customer")
    pages_of(monkeypatch, 4)
    everyone = [it["id"] for it in stripe.all("/v1/customers")]
    bad = everyone[1]
    stripe.patch(bad, created="no time at all")
    page = Gateway.page

    def without(self, type, **more):
        answer = page(self, type, **more)
        return answer._replace(objects=[it for it in answer.objects if it["id"] != bad])

    monkeypatch.setattr(Gateway, "page", without)
    before = dict(ObjectState.objects.filter(type="customer").values_list("pk", "ticket"))

    run = resync("customer")

    after = ObjectState.objects.filter(type="customer").values_list("pk", "ticket")
    assert [pk for pk, ticket in after if ticket <= before[pk]] == [bad]
    assert (run.state, run.failed, run.findings.get(kind="failed").object_id) == ("partial", 1, bad)
