"""Deliveries: signed, in order, tried again, and as unruly as one asks for."""

from __future__ import annotations

import hashlib
import hmac
import time

from .conftest import Caller, Listener

SECRET = "whsec_of_the_tests"
DAY = 86_400


def rename(own: Caller, customer: str, name: str) -> None:
    own.call("PATCH", f"/_sandbox/state/{customer}?event=customer.updated", {"name": name})


def test_a_renewal_arrives_signed_and_in_order(own: Caller, listener: Listener) -> None:
    own.call("POST", "/_sandbox/webhooks", {"url": listener.url, "secret": SECRET})

    made = own.call("POST", "/_sandbox/clock", {"advance": 10 * DAY}).json["events"]
    listener.wait_for(lambda heard: len(heard.bodies) == made)

    for body, header in zip(listener.bodies, listener.signatures, strict=True):
        moment, signed = (part.partition("=")[2] for part in header.split(","))
        expected = hmac.new(SECRET.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        assert signed == expected
        assert abs(int(moment) - time.time()) < 60
    listed = [each["id"] for each in reversed(own.every("/v1/events"))][-made:]
    assert [each["id"] for each in listener.events] == listed


def test_an_event_is_tried_again_until_it_is_taken(own: Caller, listener: Listener) -> None:
    ada = own.customer("ada@analytical.example")["id"]
    own.call("POST", "/_sandbox/webhooks", {"url": listener.url, "secret": SECRET})
    listener.refuse = 1

    rename(own, ada, "Ada King")
    listener.wait_for(lambda heard: len(heard.bodies) == 1)
    pending = own.get("/v1/events?delivery_success=false").json["data"]
    listener.wait_for(lambda heard: len(heard.bodies) == 2)

    assert listener.statuses == [500, 200]
    assert listener.bodies[0] == listener.bodies[1]
    assert [each["pending_webhooks"] for each in pending] == [1]
    deadline = time.monotonic() + 5
    while own.get("/v1/events?delivery_success=false").json["data"] and time.monotonic() < deadline:
        time.sleep(0.02)
    assert own.get(f"/v1/events/{pending[0]['id']}").json["pending_webhooks"] == 0


def test_nobody_at_the_other_end_leaves_it_pending(own: Caller) -> None:
    ada = own.customer("ada@analytical.example")["id"]
    own.call("POST", "/_sandbox/webhooks", {"url": "http://127.0.0.1:9/", "secret": SECRET})

    rename(own, ada, "Ada King")

    assert own.get("/v1/events?delivery_success=false").json["data"][0]["data"]["object"]["id"] == ada


def test_deliveries_can_come_twice_late_shuffled_or_never(own: Caller, listener: Listener) -> None:
    ada = own.customer("ada@analytical.example")["id"]
    unruly = {"url": listener.url, "secret": SECRET, "twice": 1, "late": 0.1, "shuffle": True}
    own.call("POST", "/_sandbox/webhooks", unruly)

    for number in range(20):
        rename(own, ada, f"Ada {number}")
    assert listener.bodies == []
    listener.wait_for(lambda heard: len(heard.bodies) == 40)

    names = [each["data"]["object"]["name"] for each in listener.events]
    assert sorted(names) == sorted(2 * [f"Ada {number}" for number in range(20)])
    assert names != sorted(names, key=lambda name: int(name.split()[1]))
    own.call("POST", "/_sandbox/webhooks", {"url": listener.url, "secret": SECRET, "drop": 1})
    rename(own, ada, "Ada Unheard")
    assert own.get("/v1/events?limit=1").json["data"][0]["pending_webhooks"] == 1
    assert len(listener.bodies) == 40


def test_an_empty_wish_stops_sending_but_not_the_events(own: Caller, listener: Listener) -> None:
    ada = own.customer("ada@analytical.example")["id"]
    own.call("POST", "/_sandbox/webhooks", {"url": listener.url, "secret": SECRET})
    own.call("POST", "/_sandbox/webhooks", {})

    rename(own, ada, "Ada King")

    event = own.get("/v1/events?limit=1").json["data"][0]
    assert (event["data"]["object"]["name"], event["pending_webhooks"]) == ("Ada King", 0)
    time.sleep(0.1)
    assert listener.bodies == []
