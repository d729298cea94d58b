"""Stripe calls: what is verified is kept once and acknowledged, what is not leaves nothing behind."""

import json
import os
import secrets
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from django.utils import timezone

from finances.models import CatchUp, Delivery, WakeUp
from finances.webhooks import processing
from finances.webhooks.intake import delivery_of, is_storable
from tests.finances.webhooks.conftest import event, signed

pytestmark = pytest.mark.django_db

ADDRESS = "/api/finances/stripe/webhook/"


def test_a_signed_event_is_kept_and_acknowledged(deliver):
    answer = deliver(event())

    delivery = Delivery.objects.get()
    assert (answer.status_code, answer.content) == (200, b"kept")
    assert (delivery.event_id, delivery.object_id, delivery.customer_id) == ("evt_1", "cus_1", "cus_1")
    assert (delivery.state, delivery.attempts, delivery.tries) == ("received", 1, 0)
    assert delivery.payload == event()


def test_a_worker_is_woken_when_it_is_committed(deliver, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        deliver(event())

    assert WakeUp.objects.get(kind="deliveries").pending


def test_a_duplicate_is_counted_on_the_row_that_stands(deliver):
    deliver(event())

    answer = deliver(event())

    assert (answer.status_code, answer.content) == (200, b"kept again")
    assert Delivery.objects.get().attempts == 2


def test_a_duplicate_of_what_was_processed_is_not_processed_again(deliver):
    deliver(event())
    Delivery.objects.update(state="processed")

    deliver(event())

    assert Delivery.objects.get().state == "processed"


def test_what_the_event_says_of_itself_and_of_its_bytes_is_kept(deliver):
    request = {"id": "req_1", "idempotency_key": "key"}
    it = {"id": "cus_1", "object": "customer", "created": 1_700_000_000}
    body = json.dumps(event(request=request, data={"object": it}), indent=3).encode()

    deliver(body)

    delivery = Delivery.objects.get()
    assert delivery.payload_hash == sha256(body).hexdigest()
    assert (delivery.payload_bytes, delivery.request_id) == (len(body), "req_1")
    assert delivery.object_created_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize("created", [None, True, -1, "1700000000", 1.5, 10**18, {"at": 1}])
def test_an_object_that_does_not_say_when_it_was_made_is_kept_without(deliver, created):
    deliver(event(request="req_of_old", data={"object": {"id": "cus_1", "object": "customer", "created": created}}))

    assert (Delivery.objects.get().object_created_at, Delivery.objects.get().request_id) == (None, "req_of_old")


@pytest.mark.guarantee("C1")
@pytest.mark.parametrize("stored", [None, {}])
def test_what_stripes_list_had_told_before_is_filled_by_the_delivery_that_comes_late(deliver, stored):
    run = CatchUp.objects.create(cause="person", since=timezone.now(), created_at=timezone.now())
    found = delivery_of(event(), timezone.now(), attempts=0)
    found.found_by, found.payload, found.state = run, stored, "processed"
    found.save(force_insert=True)
    body = json.dumps(event()).encode()

    answer = deliver(body)

    delivery = Delivery.objects.get()
    assert answer.content == b"kept again"
    assert (delivery.attempts, len(delivery.arrivals), delivery.state, delivery.found_by) == (1, 1, "processed", run)
    assert (delivery.payload, delivery.payload_hash) == (event(), sha256(body).hexdigest())


def test_a_payload_that_stands_stays_as_it_is(deliver):
    deliver(event())
    before = Delivery.objects.get()

    deliver(event(note="not what came first"))

    after = Delivery.objects.get()
    assert (after.payload, after.payload_hash, after.attempts) == (before.payload, before.payload_hash, 2)


@pytest.mark.guarantee("A9")
@pytest.mark.parametrize("seconds", [-310, 310, 10 * 365 * 24 * 3600], ids=["old", "ahead", "ten years ahead"])
def test_a_time_stamp_too_far_away_is_refused_in_either_direction(deliver, seconds):
    body = json.dumps(event()).encode()

    answer = deliver(body, signature=signed(body, at=time.time() + seconds))

    words = b"signed too long ago" if seconds < 0 else b"signed ahead of our clock"
    assert (answer.status_code, answer.content) == (400, words)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "signature",
    ["", "garbage", "t=,v1=", "t=abc,v1=def", "t=1", "v1=00", "t=99999999999999999999,v1=00", "t=１,v1=ü"],
)
def test_a_signature_that_is_none_is_refused(deliver, signature):
    assert deliver(event(), signature=signature).status_code == 400
    assert not Delivery.objects.exists()


@pytest.mark.guarantee("A9")
@pytest.mark.parametrize("seconds", [-290, 290, 299])
def test_a_time_stamp_within_five_minutes_is_taken(deliver, seconds):
    body = json.dumps(event()).encode()

    assert deliver(body, signature=signed(body, at=time.time() + seconds)).status_code == 200
    assert 0 <= Delivery.objects.get().arrivals[0]["age"] + seconds < 9  # whole seconds, and those that the test took


def test_the_secret_of_somebody_else_is_refused(deliver):
    body = json.dumps(event()).encode()

    assert deliver(body, signature=signed(body, secret="whsec_" + secrets.token_hex(16))).status_code == 400
    assert not Delivery.objects.exists()


def test_one_good_signature_among_several_is_enough(deliver):
    body = json.dumps(event()).encode()
    stamp, good = signed(body).split(",")

    assert deliver(body, signature=f"{stamp},v1=00,{good},v0=11").status_code == 200


@pytest.mark.guarantee("A10")
def test_while_a_secret_is_rolled_both_are_taken_and_afterwards_one(deliver, monkeypatch):
    previous, current = os.environ["DJSTRIPE_WEBHOOK_SECRET"], "whsec_" + secrets.token_hex(16)
    body = json.dumps(event()).encode()
    monkeypatch.setenv("DJSTRIPE_WEBHOOK_SECRET", current)
    monkeypatch.setenv("DJSTRIPE_WEBHOOK_SECRET_PREVIOUS", previous)

    assert deliver(body, signature=signed(body, secret=previous)).status_code == 200
    assert deliver(body, signature=signed(body, secret=current)).status_code == 200
    assert [each["signed_with"] for each in Delivery.objects.get().arrivals] == ["previous", "current"]

    monkeypatch.setenv("DJSTRIPE_WEBHOOK_SECRET_PREVIOUS", "")
    assert deliver(body, signature=signed(body, secret=previous)).status_code == 400


NOT_EVENTS = {
    "a number": b"1",
    "null": b"null",
    "an array": b"[]",
    "not JSON": b"{",
    "not text": b"\xff\xfe",
    "deeply nested": b"[" * 100_000,
    "NaN": b'{"id": NaN}',
    "a huge number": b"1" * 5000,
    "a number beyond all": json.dumps(event(amount=0)).replace('"amount": 0', '"amount": 1e400').encode(),
    "deeply nested inside": b'{"note": ' + b"[" * 200 + b"]" * 200 + b", " + json.dumps(event()).encode()[1:],
    "made at no number": json.dumps({**event(), "created": True}).encode(),
    "not an event": b'{"object": "customer", "id": "cus_1"}',
    "an id with a slash": json.dumps({**event(), "id": "evt/1"}).encode(),
    "without data": json.dumps({**event(), "data": None}).encode(),
    "without an object": json.dumps({**event(), "data": {}}).encode(),
    "without an id": json.dumps({**event(), "id": ""}).encode(),
    "an id too long": json.dumps({**event(), "id": "evt_" + "x" * 300}).encode(),
    "an id with a NUL": json.dumps({**event(), "id": "evt_\x00"}).encode(),
    "a NUL inside": json.dumps(event(note="a\x00b")).encode(),
    "half a surrogate pair": b'{"note": "\\ud800", ' + json.dumps(event()).encode()[1:],
    "a key twice": b'{"id": "evt_0", ' + json.dumps(event()).encode()[1:],
    "created in no time": json.dumps({**event(), "created": 10**18}).encode(),
}


@pytest.mark.parametrize("body", NOT_EVENTS.values(), ids=NOT_EVENTS)
def test_what_is_signed_but_not_an_event_is_refused_without_a_trace(deliver, body):
    answer = deliver(body)

    assert answer.status_code == 400
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("value", [float("inf"), float("nan"), "\x00", "\ud800"])
def test_what_postgresql_cannot_hold_is_not_storable(value):
    """Stripe's list of events is read without intake's strictness."""
    assert not is_storable(event(note=value))


def test_a_backslash_and_u0000_as_text_is_not_a_nul(deliver):
    assert deliver(event(note="\\u0000")).status_code == 200


def test_a_body_over_a_megabyte_is_refused_by_its_length(deliver):
    assert deliver(b"x" * 1_000_001, signature="t=1,v1=0").status_code == 413


def test_a_body_without_a_length_is_refused(client):
    answer = client.generic("POST", ADDRESS, b"", headers={"Stripe-Signature": "t=1,v1=0"}, CONTENT_LENGTH="")

    assert answer.status_code == 411


@pytest.mark.parametrize("length", ["²", "9" * 5000, "-1", "1e3"])
def test_a_length_that_is_no_number_is_refused(client, length):
    answer = client.generic("POST", ADDRESS, b"{}", headers={"Stripe-Signature": "t=1,v1=0"}, CONTENT_LENGTH=length)

    assert answer.status_code == 411


def test_anything_but_a_post_is_refused(client):
    assert client.get(ADDRESS).status_code == 405


@pytest.mark.guarantee("A11")
def test_an_event_of_the_other_mode_is_kept_and_ignored(deliver):
    answer = deliver(event(livemode=True))

    delivery = Delivery.objects.get()
    assert (answer.status_code, answer.content) == (200, b"ignored")
    assert (delivery.state, delivery.reason) == (
        "ignored",
        "It is of live mode; this deployment is in test mode.",
    )


@pytest.mark.guarantee("A11")
def test_an_event_of_another_account_is_kept_and_ignored(deliver):
    deliver(event(account="acct_other"))

    assert (Delivery.objects.get().state, Delivery.objects.get().reason) == ("ignored", "It is of another account.")


@pytest.mark.guarantee("A12")
def test_an_unknown_type_is_kept_and_ignored_and_another_api_version_is_processed(deliver, stripe):
    customer_id = stripe.all("/v1/customers")[0]["id"]
    unknown = event("evt_unknown", "tax.rates_form.filed", data={"object": {"id": "x_1", "object": "tax.rates_form"}})
    of_old = event("evt_of_old", api_version="2015-04-07", data={"object": {"id": customer_id, "object": "customer"}})

    assert [deliver(unknown).status_code, deliver(of_old).status_code] == [200, 200]
    processing.process_due(timezone.now)

    states = {each.event_id: (each.state, each.api_version) for each in Delivery.objects.all()}
    assert states == {
        "evt_unknown": ("ignored", "2026-05-27.dahlia"),
        "evt_of_old": ("processed", "2015-04-07"),
    }


def test_a_session_cookie_changes_nothing(client, admin, deliver):
    client.force_login(admin)

    assert deliver(event(), signature="t=1,v1=0").status_code == 400


@pytest.mark.parametrize(("body", "status"), [(b"1", 400), (b"x" * 1_100_000, 413)])
def test_the_server_of_the_demo_passes_a_refusal_on(served, body, status):
    """wsgiref takes no header of a connection from an application, and answers 500 to one."""
    request = urllib.request.Request(served + ADDRESS, body, {"Stripe-Signature": signed(body)})

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)

    assert refused.value.code == status
