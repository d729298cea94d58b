"""`?as-of=` on the page of a customer, a subscription or an invoice."""

import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from hypothesis import given
from hypothesis import strategies as st

from dashboard.tables.facts import changed_in_words, facts
from finances.models import AuditEntry
from tests.factories import NOON, a_customer, a_product, a_subscription, a_user, a_version, an_invoice

DAY = timedelta(days=1)


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def a_state(**fields):
    row = {"object": "customer", "name": "Nordlicht", "email": "old@nordlicht.test", "currency": "eur", "balance": 0}
    return row | fields


@pytest.fixture
def customer(db):
    customer = a_customer(name="Nordlicht GmbH")
    a_version(customer.id, a_state(), NOON)
    a_version(customer.id, a_state(email="new@nordlicht.test", balance=-1500), NOON + 10 * DAY)
    return customer


def test_facts_then_stand_beside_what_was_seen_last(desk, customer) -> None:
    page = desk.get(f"/console/customers/{customer.id}/?as-of=2026-11-25").content.decode()

    assert "Nordlicht GmbH</bdi>, as it was on" in page
    assert "<del><bdi>old@nordlicht.test</bdi></del>" in page
    assert "<ins><bdi>new@nordlicht.test</bdi></ins>" in page
    assert "<ins><bdi>−15.00 EUR</bdi></ins>" in page
    assert "2 differ" in page
    assert "Balance: 0.00 EUR → −15.00 EUR" in page


def test_from_a_change_it_is_a_click_to_how_it_was_before(desk, customer) -> None:
    page = desk.get(f"/console/customers/{customer.id}/?as-of=").content.decode()
    before = re.search(r'href="(\?as-of=[^"]+)">As it was before that', page)[1]

    page = desk.get(f"/console/customers/{customer.id}/{before}").content.decode()

    assert "<del><bdi>old@nordlicht.test</bdi></del>" in page
    assert "<ins><bdi>new@nordlicht.test</bdi></ins>" in page


def test_a_day_ends_in_the_viewers_zone(desk, customer) -> None:
    desk.cookies["paydesk_zone"] = "Pacific/Auckland"

    before = desk.get(f"/console/customers/{customer.id}/?as-of=2026-11-20").content.decode()
    after = desk.get(f"/console/customers/{customer.id}/?as-of=2026-11-21").content.decode()

    assert "Nobody here knows." in before, "noon in UTC is the next day there"
    assert "Nobody here knows." not in after


def test_before_the_first_state_it_says_that_nobody_knows(desk, customer) -> None:
    page = desk.get(f"/console/customers/{customer.id}/?as-of=2020-01-01").content.decode()

    assert "Nobody here knows." in page
    assert "The first state was seen" in page


ENDS_OF_TIME = ("9999-12-31T23:59:59", "0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00")


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "<b>", *ENDS_OF_TIME])
def test_what_is_no_date_is_said_and_never_fails(desk, customer, text: str) -> None:
    response = desk.get(f"/console/customers/{customer.id}/", {"as-of": text})

    assert response.status_code == 200
    assert "<b>”" not in response.content.decode()


def test_two_dates_are_held_against_each_other(desk, customer) -> None:
    a_version(customer.id, a_state(name="Third"), NOON + 20 * DAY)

    page = desk.get(f"/console/customers/{customer.id}/?as-of=2026-11-21&and=2026-12-02").content.decode()

    assert "new@nordlicht.test" in page
    assert "<ins><bdi>Third" not in page


def test_a_customer_that_was_deleted_says_so(desk, customer) -> None:
    a_version(customer.id, {"id": customer.id, "object": "customer", "deleted": True}, NOON + 20 * DAY)

    page = desk.get(f"/console/customers/{customer.id}/?as-of=").content.decode()

    assert "deleted in Stripe" in page


def test_a_subscription_and_an_invoice_have_theirs_in_words(desk, customer) -> None:
    product = a_product(name="Business")
    price = {"product": product.id, "unit_amount": 3300, "currency": "eur", "recurring": {"interval": "month"}}
    item = {"id": "si_1", "quantity": 40, "price": price | {"id": "price_1"}}
    subscription, invoice = a_subscription(customer), an_invoice(customer, number="NV-7")
    row = {"object": "subscription", "status": "active", "currency": "eur", "items": {"data": [item]}}
    a_version(subscription.id, row, NOON)
    a_version(subscription.id, row | {"status": "past_due", "items": {"data": [item | {"quantity": 32}]}}, NOON + DAY)
    bill = {"object": "invoice", "status": "open", "currency": "eur", "total": 2900, "attempt_count": 1}
    a_version(invoice.id, bill, NOON)
    a_version(invoice.id, bill | {"status": "paid", "amount_paid": 2900}, NOON + DAY)

    of_subscription = desk.get(f"/console/subscriptions/{subscription.id}/?as-of=2026-11-20").content.decode()
    of_invoice = desk.get(f"/console/invoices/{invoice.id}/?as-of=2026-11-20").content.decode()

    assert "40 × Business, 33.00 EUR a month" in of_subscription
    assert "Status: Active → Past due" in of_subscription
    assert "Monthly value: 1,320.00 EUR → 1,056.00 EUR" in of_subscription
    assert "NV-7</bdi>, as it was on" in of_invoice
    assert "Status: Open → Paid" in of_invoice


def test_a_look_back_is_a_look_and_takes_the_same_right(client, desk, customer) -> None:
    invoice = an_invoice(customer)
    a_version(invoice.id, {"object": "invoice"}, NOON)
    desk.get(f"/console/customers/{customer.id}/?as-of=")
    assert AuditEntry.objects.filter(action="paydesk.customer.viewed", target=customer.id).count() == 1

    person = a_user()
    person.user_permissions.add(Permission.objects.get(codename="view_customer", content_type__app_label="paydesk"))
    client.force_login(person)
    assert client.get(f"/console/customers/{customer.id}/?as-of=").status_code == 200
    assert client.get(f"/console/invoices/{invoice.id}/?as-of=").status_code == 403


def test_what_was_never_seen_is_not_found(desk, customer) -> None:
    assert desk.get("/console/customers/cus_nope/?as-of=2026-01-01").status_code == 404


ODD = st.sampled_from(
    [None, True, 0, -7, 10**30, "", "x", "1e9999", [], [None], ["x"], [{"id": 7}], {}, {"data": "x"}, {"data": [7]},
     {"data": [{"price": "x", "quantity": "y"}]}, {"data": [{"id": "a", "price": {"unit_amount": "z"}}]}, {"k": {}}]
)  # fmt: skip
NAMES = ["name", "balance", "currency", "items", "lines", "status", "total", "metadata", "discount", "discounts",
         "tax_ids", "cancellation_details", "status_transitions", "trial_end", "pause_collection"]  # fmt: skip


@given(
    st.sampled_from(["customer", "subscription", "invoice", "charge", ""]),
    st.dictionaries(st.sampled_from(NAMES), ODD, max_size=6),
    st.dictionaries(st.sampled_from(NAMES), ODD, max_size=6),
)
def test_any_shape_has_facts(kind: str, one, other) -> None:
    before, after = {"object": kind} | one, {"object": kind} | other

    changed_in_words(before, after, {})

    assert all(isinstance(words, str) for words in facts(before, {}).values())
    assert json.dumps(facts(before, {}))
