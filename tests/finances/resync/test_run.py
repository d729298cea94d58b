"""A resync reads page by page, keeps its place, says what it found and never calls a part the whole."""

from datetime import timedelta

import pytest
from djstripe import models as djstripe

from finances.gateway import Gateway
from finances.models import Customer, ObjectState, ResyncRun, Subscription
from finances.resync import claiming, findings, reading
from finances.resync import run as running
from finances.resync.request import request_resync
from finances.stripe_problems import CallRefused
from tests.finances.resync.resyncing import NOW, ada, clock, ended, resync

pytestmark = pytest.mark.django_db


def test_everything_fills_an_empty_database(stripe):
    run = resync("all")

    assert run.state == "complete"
    assert set(Customer.objects.values_list("id", flat=True)) >= {it["id"] for it in stripe.all("/v1/customers")}
    subscriptions = stripe.all("/v1/subscriptions", status="all")
    assert set(Subscription.objects.values_list("id", flat=True)) == {it["id"] for it in subscriptions}
    for truth in stripe.all("/v1/invoices", **{"expand[]": ["data.payments", "data.discounts"]}):
        assert djstripe.Invoice.objects.get(id=truth["id"]).stripe_data == truth


def test_a_second_run_finds_the_same_and_changes_nothing(stripe):
    resync("all")

    run = resync("all")

    assert (run.state, run.changed, run.new, run.gone) == ("complete", 0, 0, 0)
    assert not run.findings.exists()


def test_where_very_much_is_new_its_number_says_so_and_the_first_of_it_are_named(stripe, monkeypatch):
    monkeypatch.setattr(findings, "MOST_NEW", 5)
    monkeypatch.setattr(reading, "OWNERS_AT_ONCE", 1)
    pages_of(monkeypatch, 4)

    run = resync("all")

    assert run.new == ObjectState.objects.count() - 1  # the account was read before anything else
    assert 5 <= run.findings.filter(kind="new").count() < 20


def test_what_changed_is_kept_field_by_field(stripe):
    customer_id = ada(stripe)
    resync(customer_id)
    stripe.patch(customer_id, name="Ada King", metadata={"crm": "7"})

    run = resync(customer_id)

    finding = run.findings.get()
    assert (run.changed, finding.kind, finding.object_id) == (1, "changed", customer_id)
    assert finding.differences == [
        {"field": "metadata.crm", "after": "7"},
        {"field": "name", "before": "Ada Lovelace", "after": "Ada King"},
    ]


def test_an_object_that_is_gone_is_said_to_be_gone(stripe):
    customer_id = ada(stripe)
    resync(customer_id)
    stripe.delete(customer_id)

    run = resync(customer_id)

    assert run.findings.get(kind="gone").object_id == customer_id
    assert Customer.objects.get(id=customer_id).deleted_at == NOW


def test_a_customer_that_is_gone_ends_complete_although_nothing_can_hang_on_it_any_more(stripe):
    customer_id = ada(stripe)
    resync(customer_id)
    stripe.delete(customer_id)

    run = resync(customer_id)

    assert (run.state, run.failed) == ("complete", 0)
    assert run.findings.filter(kind="gone", object_id=customer_id).exists()


def test_an_id_that_stripe_does_not_know_is_a_failure_with_advice(stripe):
    run = resync("cus_nobody")

    finding = run.findings.get()
    assert (run.state, run.failed, run.done) == ("partial", 1, 0)
    assert finding.problem == "Stripe has no customer with this id."
    assert "account and mode" in finding.advice


def test_a_refused_key_fails_the_run_and_names_the_variable_never_the_key(stripe, monkeypatch):
    key = "sk_test_" + "!" * 24
    monkeypatch.setenv("STRIPE_TEST_SECRET_KEY", key)

    run = resync(ada_without_key())

    assert run.state == "failed"
    assert run.problem.startswith("Stripe refuses the key in STRIPE_TEST_SECRET_KEY.")
    assert key not in run.problem


def ada_without_key() -> str:
    return "cus_ada"


def test_a_key_that_is_revoked_half_way_fails_the_run_and_keeps_what_was_read(stripe):
    stripe.faults(revoke_after=4)

    run = resync("all")

    assert run.state == "failed"
    assert run.problem.startswith("Stripe refuses the key in STRIPE_TEST_SECRET_KEY.")
    assert 0 < run.done < 1000
    stripe.faults()


def test_a_restricted_key_without_a_scope_makes_the_run_partial_and_names_what_it_may_not_read(stripe, monkeypatch):
    key = "rk_test_" + "a" * 24
    nouns = ("accounts_kyc_basic", "customer", "invoice", "payment_intent", "payment_method", "plan", "product")
    stripe.keys({key: {"scopes": [f"{noun}:read" for noun in nouns]}})
    monkeypatch.setenv("STRIPE_TEST_SECRET_KEY", key)

    run = resync("charge")

    assert (run.state, run.failed) == ("partial", 1)
    finding = run.findings.get(kind="failed")
    assert finding.problem == "The key in STRIPE_TEST_SECRET_KEY may not read charges."
    assert finding.advice == "Give the restricted key read access to charges in Stripe's dashboard."


def test_a_stripe_that_cannot_be_reached_fails_the_run_in_plain_words(no_pauses):
    run = resync("cus_ada")

    assert (run.state, run.problem.partition(".")[0]) == ("failed", "Stripe could not be reached")


def test_while_stripe_fails_the_run_says_so_and_once_it_has_recovered_no_more(stripe, no_pauses):
    run = request_resync("product", now=NOW).run
    stripe.faults(**{"500": 1.0, "paths": "/v1/products"})

    running.run_due(clock)

    run.refresh_from_db()
    assert run.problem.startswith("Stripe answered with an error of its own")
    stripe.faults()
    run = ended(run)
    assert (run.state, run.problem) == ("complete", "")


def test_a_list_that_fails_makes_the_run_partial_and_the_rest_is_read(stripe, no_pauses):
    stripe.faults(**{"500": 1.0, "paths": "/v1/charges"})

    run = resync(ada(stripe))

    assert run.state == "partial"
    assert run.findings.get(kind="failed").object_id == "all charges"
    assert djstripe.Invoice.objects.exists()


def test_a_page_whose_last_object_is_deleted_before_the_next_page_loses_nothing(stripe, monkeypatch):
    customers = stripe.all("/v1/customers")
    page, deleted = Gateway.page, []

    def small_page(self, type, *, after="", **filters):
        answer = page(self, type, after=after, limit=5, **filters)
        if not deleted:
            deleted.append(answer.objects[-1]["id"])
            stripe.delete(deleted[0])
        return answer

    monkeypatch.setattr(Gateway, "page", small_page)

    run = resync("customer")

    assert run.state == "complete"
    assert set(Customer.objects.values_list("id", flat=True)) >= {it["id"] for it in customers}


def test_one_object_that_cannot_be_stored_is_left_out_and_the_others_are_not(stripe, caplog):
    customers = stripe.all("/v1/customers")
    stripe.patch(customers[3]["id"], created="no time at all", name="Jane Secret")

    run = resync("customer")

    finding = run.findings.get(kind="failed")
    assert (run.state, run.failed, finding.object_id) == ("partial", 1, customers[3]["id"])
    assert Customer.objects.count() == len(customers) - 1
    assert customers[3]["id"] in caplog.text
    assert "Jane Secret" not in caplog.text


@pytest.mark.parametrize("object_id", ["cus_" + "x" * 300, "cus_\x00"])
def test_an_id_that_no_column_holds_does_not_end_the_run(stripe, monkeypatch, object_id):
    page = Gateway.page

    def with_a_bad_one(self, type_name, **more):
        answer = page(self, type_name, **more)
        return answer._replace(objects=[answer.objects[0] | {"id": object_id, "created": "never"}, *answer.objects])

    monkeypatch.setattr(Gateway, "page", with_a_bad_one)

    run = resync("customer")

    assert (run.state, run.failed) == ("partial", 1)
    assert run.findings.get(kind="failed").object_id in (object_id[:255], "cus_?")
    assert Customer.objects.count() == len(stripe.all("/v1/customers"))


def test_a_list_that_gives_its_first_page_for_ever_comes_to_an_end(stripe, monkeypatch):
    page = Gateway.page

    def the_first_one(self, type_name, after="", **more):
        return page(self, type_name, **more)._replace(has_more=True)

    monkeypatch.setattr(Gateway, "page", the_first_one)

    run = resync("product")

    assert (run.state, run.failed) == ("partial", 1)
    assert "again" in run.findings.get(kind="failed").problem


def test_one_owner_whose_list_is_refused_does_not_hide_the_others(stripe, monkeypatch):
    resync("customer")
    refused = sorted(Customer.objects.values_list("id", flat=True))[1]
    theirs = {it["id"] for it in stripe.all("/v1/payment_methods", customer=refused)}
    page = Gateway.page

    def without_one(self, type_name, **more):
        if more.get("customer") == refused:
            raise CallRefused("Stripe refused the call with HTTP 400 (resource_missing).")
        return page(self, type_name, **more)

    monkeypatch.setattr(Gateway, "page", without_one)

    run = resync("payment_method")

    everyone = {
        it["id"]
        for each in stripe.all("/v1/customers")
        for it in stripe.all("/v1/payment_methods", customer=each["id"])
    }
    assert (run.state, run.failed, run.findings.get(kind="failed").object_id) == ("partial", 1, refused)
    assert set(djstripe.PaymentMethod.objects.values_list("id", flat=True)) >= everyone - theirs


def test_an_unknown_id_ends_the_same_way_the_second_time(stripe):
    ends = [resync("cus_nobody") for _ in range(2)]

    assert [(run.state, run.done, run.failed) for run in ends] == [("partial", 0, 1)] * 2


@pytest.mark.guarantee("B2")
def test_a_run_goes_on_where_a_worker_that_died_left_it(stripe, monkeypatch):
    pages = pages_of(monkeypatch, 4)
    run = request_resync("customer", now=NOW).run
    part = running.claim_next(NOW)
    with monkeypatch.context() as patched:
        patched.setattr("finances.resync.in_hand.keep", interrupt_after(claiming.keep, pages=2))
        with pytest.raises(KeyboardInterrupt):
            running.work_on(part, clock)
    run.refresh_from_db()
    part.refresh_from_db()
    assert (run.state, part.state, run.done) == ("running", "running", 8)
    assert part.place["after"]
    read_by_then = list(pages)
    pages.clear()

    assert running.claim_next(NOW + timedelta(seconds=10)) is None
    run = ended(run, NOW + timedelta(seconds=60))

    assert (run.state, run.done) == ("complete", len(stripe.all("/v1/customers")))
    assert pages[0] == read_by_then[-1]  # the page in hand, and none of those before it


def pages_of(monkeypatch, size: int) -> list[str]:
    """Lists come by so few objects a page; the places from which pages were asked for."""
    asked: list[str] = []
    page = Gateway.page

    def small(self, type, *, after="", **filters):
        asked.append(after)
        return page(self, type, after=after, limit=size, **filters)

    monkeypatch.setattr(Gateway, "page", small)
    return asked


def interrupt_after(do, *, pages: int):
    done = []

    def counted(*arguments, **more):
        done.append(1)
        if len(done) > pages:
            raise KeyboardInterrupt
        return do(*arguments, **more)

    return counted


def test_a_cancelled_run_stops_within_a_page(stripe):
    run = request_resync("all", now=NOW).run
    claimed = running.claim_next(NOW)
    ResyncRun.objects.update(state="cancelled")

    running.work_on(claimed, clock)

    run.refresh_from_db()
    assert (run.state, run.done) == ("cancelled", 0)


def test_a_worker_that_stops_hands_its_run_back_at_once(stripe):
    request_resync("all", now=NOW)
    claimed = running.claim_next(NOW)

    running.work_on(claimed, clock, stop=lambda: True)

    assert running.claim_next(NOW) is not None


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.4])
def test_with_faults_the_tables_end_as_without_them(stripe, no_pauses, rate):
    stripe.faults(**{"429": rate / 4, "500": rate / 4, "reset": rate / 4, "cut": rate / 4, "retry_after": 0})

    run = resync("all")

    assert run.state == "complete"
    stripe.faults()
    for truth in stripe.all("/v1/invoices", **{"expand[]": ["data.payments", "data.discounts"]}):
        assert djstripe.Invoice.objects.get(id=truth["id"]).stripe_data == truth
