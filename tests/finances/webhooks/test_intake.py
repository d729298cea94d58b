"""Stripe calls: what is verified is kept once and acknowledged, what is not leaves nothing behind."""

import json
import os
import secrets
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from finances.models import Delivery, WakeUp
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


@pytest.mark.django_db(transaction=True)
def test_fifty_simultaneous_duplicates_make_one_row_with_all_its_attempts():
    body = json.dumps(event()).encode()
    statuses = []

    def post() -> None:
        client = Client(headers={"Stripe-Signature": signed(body)})
        statuses.append(client.post(ADDRESS, body, content_type="application/json").status_code)
        connections.close_all()

    threads = [threading.Thread(target=post) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [200] * 50
    assert Delivery.objects.get().attempts == 50


@pytest.mark.parametrize("seconds", [-301, 301, 10 * 365 * 24 * 3600], ids=["old", "ahead", "ten years ahead"])
def test_a_time_stamp_too_far_away_is_refused_in_either_direction(deliver, seconds):
    body = json.dumps(event()).encode()

    answer = deliver(body, signature=signed(body, at=time.time() + seconds))

    assert answer.status_code == 400
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "signature",
    ["", "garbage", "t=,v1=", "t=abc,v1=def", "t=1", "v1=00", "t=99999999999999999999,v1=00", "t=１,v1=ü"],
)
def test_a_signature_that_is_none_is_refused(deliver, signature):
    assert deliver(event(), signature=signature).status_code == 400
    assert not Delivery.objects.exists()


def test_the_secret_of_somebody_else_is_refused(deliver):
    body = json.dumps(event()).encode()

    assert deliver(body, signature=signed(body, secret="whsec_" + secrets.token_hex(16))).status_code == 400
    assert not Delivery.objects.exists()


def test_one_good_signature_among_several_is_enough(deliver):
    body = json.dumps(event()).encode()
    stamp, good = signed(body).split(",")

    assert deliver(body, signature=f"{stamp},v1=00,{good},v0=11").status_code == 200


def test_while_a_secret_is_rolled_both_are_taken_and_afterwards_one(deliver, monkeypatch):
    previous, current = os.environ["DJSTRIPE_WEBHOOK_SECRET"], "whsec_" + secrets.token_hex(16)
    body = json.dumps(event()).encode()
    monkeypatch.setenv("DJSTRIPE_WEBHOOK_SECRET", current)
    monkeypatch.setenv("DJSTRIPE_WEBHOOK_SECRET_PREVIOUS", previous)

    assert deliver(body, signature=signed(body, secret=previous)).status_code == 200
    assert deliver(body, signature=signed(body, secret=current)).status_code == 200

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
    "not an event": b'{"object": "customer", "id": "cus_1"}',
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


def test_an_event_of_the_other_mode_is_kept_and_ignored(deliver):
    answer = deliver(event(livemode=True))

    delivery = Delivery.objects.get()
    assert (answer.status_code, answer.content) == (200, b"ignored")
    assert (delivery.state, delivery.reason) == (
        "ignored",
        "It is of live mode; this deployment is in test mode.",
    )


def test_an_event_of_another_account_is_kept_and_ignored(deliver):
    deliver(event(account="acct_other"))

    assert (Delivery.objects.get().state, Delivery.objects.get().reason) == ("ignored", "It is of another account.")


def test_a_session_cookie_changes_nothing(client, admin, deliver):
    client.force_login(admin)

    assert deliver(event(), signature="t=1,v1=0").status_code == 400


def test_when_no_postgresql_answers_the_answer_is_503_within_two_seconds():
    """A process of its own, as the pool waits and retries as it would in production."""
    script = """
import json, os, time
import django
django.setup()
from django.conf import settings
settings.SECURE_SSL_REDIRECT = False
from django.test import Client
from tests.finances.webhooks.conftest import event, signed
body = json.dumps(event()).encode()
started = time.monotonic()
client = Client(headers={"Stripe-Signature": signed(body)})
answer = client.post("/api/finances/stripe/webhook/", body, "application/json")
print(answer.status_code, time.monotonic() - started)
"""
    environment = {
        **os.environ,
        "DATABASE_URL": "postgres://nobody@127.0.0.1:9/nothing",
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    status, seconds = done.stdout.split()
    assert (status, float(seconds) < 2) == ("503", True), done.stdout


def test_when_the_database_is_away_the_answer_is_503_not_a_false_200(deliver, monkeypatch):
    from django.db import OperationalError

    def away(*_: object) -> bool:
        raise OperationalError

    monkeypatch.setattr("finances.webhooks.intake._keep", away)

    assert deliver(event()).status_code == 503
