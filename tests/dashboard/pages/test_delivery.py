from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.configuration import PINNED_API_VERSION
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


STEPS = {
    "attempts": 3,
    "arrivals": [
        {"at": "2026-11-20T12:00:02+00:00", "signed_with": "current", "age": 2, "from": "203.0.113.9", "headers": {}},
        {
            "at": "2026-11-20T12:00:09+00:00",
            "signed_with": "previous",
            "age": 0,
            "from": "203.0.113.9",
            "headers": {"User-Agent": HOSTILE},
        },
    ],
    "tries": 2,
    "try_log": [
        {"at": "2026-11-20T12:00:03+00:00", "worker": "desk-2:71", "ms": 604, "calls": 2, "error": "Stripe said 429."},
        {"at": "2026-11-20T12:00:08+00:00", "worker": "desk-2:71", "ms": 1412, "calls": 1},
    ],
}


def test_how_it_came_and_how_it_was_tried_stands_step_by_step(client, support):
    client.force_login(support)

    page = opened(client, outcome="Invoice changed.", **STEPS)

    assert "Sent by Stripe, 3 times" in page
    assert "1 earlier, no longer written down one by one" in page
    assert "Signature good, current secret" in page
    assert "signed 2 s before" in page
    assert "Signature good, previous secret" in page
    assert "203.0.113.9" in page
    assert "Processed here, second try" in page
    assert "Stripe said 429." in page
    assert "worker desk-2:71, 604 ms, 2 calls" in page
    assert "worker desk-2:71, 1,412 ms, 1 call" in page
    assert HOSTILE not in page


@pytest.mark.parametrize(
    "broken",
    [
        {"arrivals": [1, None, {}], "try_log": ["x", {"at": "never", "ms": "x", "calls": None}]},
        {"arrivals": {}, "try_log": {}},
        {"arrivals": [{"at": 7, "age": "x", "headers": [1]}]},
    ],
)
def test_steps_of_no_shape_are_no_reason_to_fail(client, support, broken):
    client.force_login(support)

    opened(client, **broken)


def test_a_pruned_payload_says_what_is_left_of_it(client, admin):
    client.force_login(admin)

    page = opened(client, payload=None, payload_hash="ab" * 32, payload_bytes=11_200)

    assert "removed after the time that payloads are kept" in page
    assert "ab" * 32 in page
    assert "can still be processed again" in page
    assert 'id="tree"' not in page


@pytest.mark.guarantee("A12")
def test_an_event_of_another_api_version_says_so(client, support):
    client.force_login(support)

    assert "not ours" in opened(client, api_version="2020-08-27")
    assert "not ours" not in opened(client, api_version=PINNED_API_VERSION)


def test_what_came_before_and_after_about_the_same_object_is_one_click_away(client, support):
    client.force_login(support)
    for minute, event_id in ((-1, "evt_before"), (1, "evt_after")):
        a_delivery(event_id=event_id, object_id="in_7", received_at=NOON + timedelta(minutes=minute))
    a_delivery(event_id="evt_elsewhere", object_id="in_8")

    page = opened(client, object_id="in_7")

    assert page.index("webhooks/evt_after/") < page.index("This event") < page.index("webhooks/evt_before/")
    assert "evt_elsewhere" not in page


def test_an_admin_can_process_it_again_but_not_while_it_is_on_its_way(client, admin):
    client.force_login(admin)

    page = opened(client, event_id="evt_9", state="quarantined", tries=8)

    assert 'href="/console/webhooks/replays/?event=evt_9"' in page
    assert "Remove the cause, then process it again." in page
    for state in ("received", "processing"):
        assert "/console/webhooks/replays/?event=" not in opened(client, state=state)


def test_the_number_of_queries_is_the_same_for_any_event(client, admin):
    client.force_login(admin)
    customer = a_customer()
    counted = []
    for others in (1, 30):
        invoice = an_invoice(customer)
        for _ in range(others):
            a_delivery(object_id=invoice.pk)
        with CaptureQueriesContext(connection) as queries:
            opened(client, object_id=invoice.pk, customer_id=customer.pk, **STEPS)
        counted.append(len(queries))

    assert counted[0] == counted[1] <= 14


TRY = {"at": "2026-11-20T12:00:03+00:00", "worker": "desk-2:71", "ms": 604, "calls": 2, "error": "Stripe said no."}


@pytest.mark.parametrize(
    ("state", "tries", "log", "said"),
    [
        ("received", 0, [], "Not yet processed here"),
        ("received", 0, [TRY], "Waits to be processed again, tried once before"),
        ("processing", 1, [], "Being processed, first try"),
        ("processing", 1, [TRY], "Being processed, second try"),
        ("waiting", 1, [TRY], "Waits for its second try"),
        ("processed", 2, [TRY, TRY | {"error": ""}], "Processed here, second try"),
        ("quarantined", 8, [TRY] * 8, "Tried here, 8 times"),
        ("ignored", 0, [], "Not processed here"),
    ],
)
def test_the_tries_are_headed_by_where_the_event_is(client, support, state, tries, log, said):
    client.force_login(support)

    page = opened(client, state=state, tries=tries, try_log=log)

    head = f"<h3>{said}</h3>"
    assert head in page
    assert "no longer written down" not in page[page.index(head) :]


def test_a_try_says_what_came_of_it_and_stripes_code_after_the_sentence(client, support):
    client.force_login(support)
    log = [TRY | {"detail": "429 lock_timeout req_8"}, TRY | {"error": "", "outcome": "Invoice changed."}]

    page = opened(client, tries=2, try_log=log, outcome="Invoice changed.")

    assert '<bdi>Stripe said no.</bdi> <code class="pd-small">429 lock_timeout req_8</code>' in page
    assert "It went through. Invoice changed." in page
    assert page.count("Invoice changed.") == 1


def test_an_event_of_another_mode_has_no_button_but_the_reason(client, admin):
    client.force_login(admin)

    page = opened(client, state="ignored", livemode=True, object_id="in_1", object_type="invoice")

    assert "/console/webhooks/replays/?event=" not in page
    assert "of another mode or account" in page
    assert 'name="target"' not in page


@pytest.mark.parametrize(
    ("object_type", "object_id", "target"),
    [("invoice", "in_1", "in_1"), ("coupon", "WELCOME25", "coupon:WELCOME25"), ("invoiceitem", "ii_1", "")],
)
def test_a_resync_is_offered_of_what_paydesk_keeps(client, admin, object_type, object_id, target):
    client.force_login(admin)

    page = opened(client, object_type=object_type, object_id=object_id)

    assert (f'name="target" value="{target}"' in page) == bool(target)
    assert ("Paydesk keeps no objects of this type" in page) == (not target)


def test_events_about_the_same_object_stand_in_stripes_order_not_in_that_of_arrival(client, support):
    client.force_login(support)
    for hours, event_id in ((-1, "evt_older"), (1, "evt_newer"), (2, "evt_newest")):
        made, came = NOON + timedelta(hours=hours), NOON - timedelta(hours=hours)
        a_delivery(event_id=event_id, object_id="in_7", created_at=made, received_at=came)

    page = opened(client, object_id="in_7")

    order = [f"webhooks/{event_id}/" for event_id in ("evt_newest", "evt_newer")]
    places = [page.index(each) for each in (*order, "This event", "webhooks/evt_older/")]
    assert places == sorted(places)
