from datetime import timedelta

import pytest

from tests.factories import NOON, a_customer, a_delivery, an_invoice

pytestmark = pytest.mark.django_db

HOSTILE = "</script><img src=x onerror=alert(1)>"
PAYLOAD = {
    "id": "evt_1",
    "created": 1795423250,
    "data": {
        "object": {
            "id": "in_1",
            "object": "invoice",
            "currency": "eur",
            "amount_due": 152796,
            "attempt_count": 3,
            "metadata": {"note": HOSTILE, "kept": "same"},
        },
        "previous_attributes": {"attempt_count": 2, "metadata": {"note": None}},
    },
}


def opened(client, **fields) -> str:
    delivery = a_delivery(**{"payload": PAYLOAD} | fields)
    answer = client.get(f"/console/webhooks/{delivery.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_admin_reads_the_payload_and_what_changed(client, admin):
    client.force_login(admin)

    page = opened(client)

    assert "1,527.96 EUR" in page
    assert "23 Nov 2026, 08:40:50 UTC" in page
    assert "<del>2</del>" in page
    assert "<ins>3</ins>" in page
    assert '<th scope="row">metadata.note</th>' in page
    assert "metadata.kept" not in page


def test_without_the_right_everything_but_the_payload_is_shown_and_said(client, support):
    client.force_login(support)

    page = opened(client, outcome="1 object written")

    assert "Payloads need the right" in page
    assert "1 object written" in page
    assert "attempt_count" not in page
    assert "152796" not in page


def test_what_stripe_sends_is_text(client, admin):
    client.force_login(admin)

    page = opened(client, event_type="x<b>y", reason=HOSTILE, state="quarantined")

    assert HOSTILE not in page
    assert "x<b>y" not in page


@pytest.mark.parametrize(
    "payload",
    [
        [],
        None,
        1,
        "text",
        {"data": None},
        {"data": {"previous_attributes": [1]}},
        {"data": {"object": [], "previous_attributes": {"a": {"b": 1}}}},
    ],
)
def test_a_payload_of_no_shape_is_no_reason_to_fail(client, admin, payload):
    client.force_login(admin)

    opened(client, payload=payload if payload is not None else {})


def test_a_payload_nested_too_deep_is_still_shown(client, admin):
    nested: dict = {}
    for _ in range(300):
        nested = {"inside": nested}
    client.force_login(admin)

    opened(client, payload=nested)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [("quarantined", "put aside after 8 tries"), ("waiting", "waits for its next try"), ("ignored", "had no effect")],
)
def test_a_state_that_is_not_done_is_explained(client, support, state, sentence):
    client.force_login(support)

    page = opened(client, state=state, tries=8, reason="Stripe answered 429.")

    assert sentence in page
    assert "Stripe answered 429." in page


def test_it_leads_to_the_object_the_customer_and_stripe(client, support):
    customer = a_customer(name="Nordlicht")
    invoice = an_invoice(customer, number="NV-1")
    client.force_login(support)

    page = opened(client, event_id="evt_9", object_id=invoice.pk, customer_id=customer.pk)

    assert f'href="/console/invoices/{invoice.pk}/"><bdi>NV-1' in page
    assert f'href="/console/customers/{customer.pk}/"><bdi>Nordlicht' in page
    assert "https://dashboard.stripe.com/test/events/evt_9" in page


def test_the_delays_add_up(client, support):
    client.force_login(support)

    page = opened(client, received_at=NOON + timedelta(seconds=2), processed_at=NOON + timedelta(seconds=14))

    assert "2.0 s later" in page
    assert "12 s later, 14 s in all" in page
