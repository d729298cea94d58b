from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances import audit
from finances.reads.invoice import links_of
from finances.reads.moments import SIZE, Moment, about_customer, about_invoice, about_subscription, timeline
from tests.factories import (
    NOON,
    a_charge,
    a_credit_note,
    a_customer,
    a_delivery,
    a_dispute,
    a_payment,
    a_refund,
    a_subscription,
    an_invoice,
    seen,
)

pytestmark = pytest.mark.django_db
RESYNC = ["paydesk.resync.requested"]


@pytest.fixture
def customer():
    return a_customer(created_at=NOON - timedelta(days=90))


def of(customer, **options) -> list[Moment]:
    return timeline(about_customer(customer.id, []), **{"actions": RESYNC, "size": 500} | options).moments


def test_money_contracts_events_and_people_stand_in_one_line(customer, admin) -> None:
    subscription = a_subscription(customer, created_at=NOON - timedelta(days=80), ended_at=NOON - timedelta(days=1))
    invoice = an_invoice(customer, finalized_at=NOON - timedelta(days=70), paid_at=NOON - timedelta(days=60))
    charge = a_charge(a_payment(customer, invoice), status="failed", created_at=NOON - timedelta(days=65))
    a_refund(charge, customer_id=customer.id, created_at=NOON - timedelta(days=50))
    a_dispute(charge, customer_id=customer.id, created_at=NOON - timedelta(days=40))
    a_credit_note(invoice, created_at=NOON - timedelta(days=30))
    a_delivery(customer_id=customer.id, event_type="customer.updated", created_at=NOON - timedelta(days=20))
    audit.record(RESYNC[0], at=NOON, actor=admin, target=customer.id, detail={"run": "a-run"})

    found = of(customer)

    assert [each.kind for each in found] == [
        *("staff", "subscription_ended", "event", "credit_note", "dispute", "refund"),
        *("invoice_paid", "charge", "invoice_issued", "subscription_started", "customer_created"),
    ]
    assert found[0].name == admin.username
    assert found[0].about == "a-run"
    assert (found[6].name, found[6].amount, found[6].currency) == (invoice.number, 2900, "eur")
    assert found[1].key == subscription.id


def test_an_event_that_a_row_tells_of_is_not_said_twice(customer) -> None:
    invoice = an_invoice(customer)
    seen(invoice.id)
    a_delivery(customer_id=customer.id, event_type="invoice.paid", object_id=invoice.id)
    a_delivery(customer_id=customer.id, event_type="invoice.paid", object_id="in_never_read")

    assert [each.about for each in of(customer) if each.kind == "event"] == ["in_never_read"]


def test_an_event_that_is_not_processed_is_said_in_any_case(customer) -> None:
    invoice = an_invoice(customer)
    seen(invoice.id)
    a_delivery(customer_id=customer.id, event_type="invoice.paid", object_id=invoice.id, state="quarantined")

    assert [each.status for each in of(customer) if each.kind == "event"] == ["quarantined"]


def test_within_a_second_what_follows_stands_above_what_it_follows_on(customer) -> None:
    invoice = an_invoice(customer, subscription_id=a_subscription(customer).id)
    a_charge(a_payment(customer, invoice))

    kinds = [each.kind for each in of(customer)]

    assert kinds == ["invoice_paid", "charge", "invoice_issued", "subscription_started", "customer_created"]


def test_a_failed_payment_of_an_invoice_is_told_by_its_attempts(customer) -> None:
    invoice = an_invoice(customer, status="open")
    a_delivery(customer_id=customer.id, event_type="invoice.payment_failed", object_id=invoice.id)
    assert "event" in {each.kind for each in of(customer)}, "none is stored"

    a_charge(a_payment(customer, invoice), status="failed")

    assert "event" not in {each.kind for each in of(customer)}


def test_what_people_did_needs_the_right_to_see_it(customer, admin) -> None:
    audit.record(RESYNC[0], at=NOON, actor=admin, target=customer.id)
    audit.record("paydesk.customer.viewed", at=NOON, actor=admin, target=customer.id)

    assert [each.status for each in of(customer) if each.kind == "staff"] == RESYNC
    assert not [each for each in of(customer, actions=[]) if each.kind == "staff"]


@pytest.mark.parametrize("size", [1, 2, 3, SIZE])
def test_pages_follow_on_each_other_whatever_happened_at_the_same_moment(customer, size: int) -> None:
    for _ in range(4):
        invoice = an_invoice(customer)
        a_charge(a_payment(customer, invoice))
        a_delivery(customer_id=customer.id, event_type="customer.updated")
    whole = of(customer)

    pages, cursor = [], None
    while True:
        page = timeline(about_customer(customer.id, []), actions=RESYNC, cursor=cursor, size=size)
        assert len(page.moments) <= size
        pages += page.moments
        if not (cursor := page.older):
            break

    assert pages == whole
    assert len(set(whole)) == len(whole) == 17


@pytest.mark.parametrize("cursor", ["nonsense", "e30", "WzEsMiwzXQ", "WyIyMDI2LTAxLTAxIiwiYSIsImIiXQ"])
def test_a_place_that_does_not_read_is_the_beginning_and_is_said(customer, cursor: str) -> None:
    found = timeline(about_customer(customer.id, []), actions=[], cursor=cursor)

    assert found.bad_cursor
    assert len(found.moments) == 1


def test_another_customers_are_not_there(customer) -> None:
    other = a_customer()
    a_charge(a_payment(other, an_invoice(other)))
    a_delivery(customer_id=other.id, event_type="customer.updated")

    assert [each.kind for each in of(customer)] == ["customer_created"]


def test_a_subscription_and_an_invoice_have_their_own(customer) -> None:
    subscription = a_subscription(customer)
    invoice = an_invoice(customer, subscription_id=subscription.id)
    payment = a_payment(customer, invoice)
    charge = a_charge(payment)
    refund = a_refund(charge)
    an_invoice(customer)

    of_subscription = timeline(about_subscription(subscription.id), actions=[]).moments
    of_invoice = timeline(about_invoice(invoice.id, links_of(invoice.id)), actions=[]).moments

    of_both = {"invoice_issued", "invoice_paid", "charge", "refund"}
    assert {each.kind for each in of_subscription} == of_both | {"subscription_started"}
    assert {each.key for each in of_subscription} == {subscription.id, invoice.id, charge.id, refund.id}
    assert {each.kind for each in of_invoice} == of_both


def test_an_event_names_the_fields_that_changed_and_not_their_values(customer) -> None:
    before = {"email": "old@example.com", "address": {"city": "Porto"}}
    told = {"object": {}, "previous_attributes": before}
    a_delivery(customer_id=customer.id, event_type="customer.updated", event_id="evt_1", payload={"data": told})

    (found,) = [each for each in of(customer) if each.kind == "event"]

    assert set(found.changed) == {"email", "address"}
    assert "Porto" not in repr(found)
    assert "old@example.com" not in repr(found)


@pytest.mark.parametrize(
    "payload", [None, {}, {"data": []}, {"data": {"previous_attributes": ["email"]}}, {"data": {"object": {}}}]
)
def test_an_event_that_says_nothing_of_it_names_none(customer, payload) -> None:
    a_delivery(customer_id=customer.id, event_type="customer.updated", payload=payload)

    assert [each.changed for each in of(customer) if each.kind == "event"] == [()]


def test_what_changed_takes_one_query_for_the_whole_page(customer) -> None:
    for _ in range(30):
        a_delivery(customer_id=customer.id, event_type="customer.updated", payload={"data": {}})

    with CaptureQueriesContext(connection) as queries:
        timeline(about_customer(customer.id, []), actions=RESYNC)

    assert len(queries) == 2


def test_it_takes_one_query_and_reads_no_payload(customer) -> None:
    for _ in range(30):
        an_invoice(customer)

    with CaptureQueriesContext(connection) as queries:
        timeline(about_customer(customer.id, ["sub_1"]), actions=RESYNC)

    assert len(queries) == 1
    assert "payload" not in queries[0]["sql"]


def test_that_a_cancellation_was_asked_for_is_told_unless_it_ended_at_once(customer) -> None:
    asked, at_once = NOON - timedelta(days=9), NOON - timedelta(days=5)
    later = a_subscription(customer, canceled_at=asked, ended_at=NOON)
    a_subscription(customer, canceled_at=at_once, ended_at=at_once)

    told = [(each.kind, each.key, each.at) for each in of(customer) if each.kind == "cancellation_asked"]
    assert told == [("cancellation_asked", later.id, asked)]


def test_a_subscription_tells_of_the_tries_and_returns_of_its_invoices(customer) -> None:
    subscription = a_subscription(customer)
    invoice = an_invoice(customer, subscription_id=subscription.id)
    failed = a_charge(a_payment(customer, invoice), status="failed")
    refund = a_refund(failed)
    a_charge(a_payment(customer, an_invoice(customer)))
    a_charge(a_payment(customer))

    found = timeline(about_subscription(subscription.id), actions=[]).moments
    assert [each.key for each in found if each.kind in ("charge", "refund")] == [refund.id, failed.id]
