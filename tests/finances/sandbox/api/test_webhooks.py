"""Deliveries: signed, in order, tried again, and as unruly as one asks for."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import pytest

from finances.sandbox import Sandbox
from finances.sandbox.api.webhooks import PAUSES
from tests.finances.sandbox.conftest import NOW, Caller, Listener

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
    unruly = {"url": listener.url, "secret": SECRET, "twice": 1, "late": 600, "shuffle": True}
    own.call("POST", "/_sandbox/webhooks", unruly)

    for number in range(20):
        rename(own, ada, f"Ada {number}")
    assert listener.bodies == []
    own.call("POST", "/_sandbox/clock", {"advance": 1})  # what falls due meanwhile waits its ten minutes as well
    own.call("POST", "/_sandbox/clock", {"advance": 600})
    listener.wait_for(lambda heard: len(heard.bodies) >= 40)

    names = [each["data"]["object"]["name"] for each in listener.events if each["data"]["object"].get("id") == ada]
    assert sorted(names) == sorted(2 * [f"Ada {number}" for number in range(20)])
    assert names != sorted(names, key=lambda name: int(name.split()[1]))
    own.call("POST", "/_sandbox/webhooks", {"url": listener.url, "secret": SECRET, "drop": 1})
    rename(own, ada, "Ada Unheard")
    assert own.get("/v1/events?limit=1").json["data"][0]["pending_webhooks"] == 1
    assert "Ada Unheard" not in [each["data"]["object"].get("name") for each in listener.events]


def test_an_empty_wish_stops_sending_but_not_the_events(own: Caller, listener: Listener) -> None:
    ada = own.customer("ada@analytical.example")["id"]
    own.call("POST", "/_sandbox/webhooks", {"url": listener.url, "secret": SECRET})
    own.call("POST", "/_sandbox/webhooks", {})

    rename(own, ada, "Ada King")

    event = own.get("/v1/events?limit=1").json["data"][0]
    assert (event["data"]["object"]["name"], event["pending_webhooks"]) == ("Ada King", 0)
    time.sleep(0.1)
    assert listener.bodies == []


def test_moving_the_clock_hurries_the_next_tries(own: Caller, listener: Listener) -> None:
    ada = own.customer("ada@analytical.example")["id"]
    own.call("POST", "/_sandbox/webhooks", {"url": listener.url, "secret": SECRET, "pauses": "test"})
    listener.refuse = 2
    rename(own, ada, "Ada King")

    listener.wait_for(lambda heard: len(heard.bodies) == 1)
    for tries, pause in ((2, 600), (3, 3_600)):
        own.call("POST", "/_sandbox/clock", {"advance": pause - 60})
        told = [each["id"] for each in listener.events]
        time.sleep(0.1)
        assert told.count(told[0]) == tries - 1
        own.call("POST", "/_sandbox/clock", {"advance": 60})
        listener.wait_for(lambda heard: [each["id"] for each in heard.events].count(told[0]) == tries)  # noqa: B023  (it is waited for within this turn of the loop)

    own.call("POST", "/_sandbox/clock", {"advance": DAY})
    assert [each["id"] for each in listener.events].count(told[0]) == 3


def test_after_the_last_try_it_is_given_up_and_stays_pending(own: Caller, listener: Listener) -> None:
    ada = own.customer("ada@analytical.example")["id"]
    own.call("POST", "/_sandbox/webhooks", {"url": listener.url, "secret": SECRET, "pauses": [0.01, 0.01]})
    listener.refuse = 1_000

    rename(own, ada, "Ada King")
    listener.wait_for(lambda heard: len(heard.bodies) == 3)
    time.sleep(0.2)

    assert listener.statuses == [500, 500, 500]
    assert own.get("/v1/events?limit=1").json["data"][0]["pending_webhooks"] == 1


def test_live_mode_tries_for_up_to_three_days() -> None:
    assert PAUSES["live"] == tuple(sorted(PAUSES["live"]))
    assert 2.5 * DAY < sum(PAUSES["live"]) <= 3 * DAY
    assert (len(PAUSES["test"]), sum(PAUSES["test"]) < DAY / 2) == (3, True)


def test_the_endpoint_is_an_object_without_its_secret(own: Caller, listener: Listener) -> None:
    own.call("POST", "/_sandbox/webhooks", {"url": listener.url, "secret": SECRET})
    (shown,) = own.every("/v1/webhook_endpoints")
    own.call("POST", "/_sandbox/webhooks", {"url": f"{listener.url}/new", "secret": SECRET, "late": 1})
    (moved,) = own.every("/v1/webhook_endpoints")
    own.call("POST", "/_sandbox/webhooks", {})

    assert (shown["object"], shown["url"], shown["status"]) == ("webhook_endpoint", listener.url, "enabled")
    assert SECRET not in str(shown)
    assert (moved["id"], moved["url"]) == (shown["id"], f"{listener.url}/new")
    assert own.every("/v1/webhook_endpoints") == []


def verdict(body: bytes, header: str) -> str:
    """Of somebody who holds the secret."""
    moment, signed = (part.partition("=")[2] for part in header.split(","))
    expected = hmac.new(SECRET.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    if signed != expected:
        return "wrong"
    return "good" if abs(int(moment) - time.time()) < 300 else "stale"


def heard_beside_a_true_one(own: Caller, listener: Listener, kind: str, **manners: object) -> list[tuple[bytes, str]]:
    ada = own.customer("ada@analytical.example")["id"]
    wanted = {"url": listener.url, "secret": SECRET, "hostile": {kind: 1}, **manners}
    own.call("POST", "/_sandbox/webhooks", wanted)
    rename(own, ada, "Ada King")
    listener.wait_for(lambda heard: len(heard.bodies) == 2)
    return [(body, verdict(body, header)) for body, header in zip(listener.bodies, listener.signatures, strict=True)]


@pytest.mark.parametrize(("kind", "expected"), [("wrong_signature", "wrong"), ("stale", "stale")])
def test_a_hostile_signature_is_on_a_copy_of_the_true_body(
    own: Caller, listener: Listener, kind: str, expected: str
) -> None:
    (bent, said), (true, good) = heard_beside_a_true_one(own, listener, kind)

    assert (bent == true, said, good) == (True, expected, "good")


@pytest.mark.parametrize(
    ("kind", "differs"),
    [
        ("other_mode", {"livemode": True}),
        ("other_account", {"account": "acct_1SomebodyElses000"}),
        ("old_version", {"api_version": "2015-04-07"}),
        ("unknown_type", {"type": "harbour.tide.turned"}),
    ],
)
def test_a_hostile_event_is_well_signed_and_one_of_its_own(
    own: Caller, listener: Listener, kind: str, differs: dict
) -> None:
    (bent, said), (true, _) = heard_beside_a_true_one(own, listener, kind)

    event, truth = json.loads(bent), json.loads(true)
    assert said == "good"
    assert event["id"] == f"{truth['id']}_hostile"
    assert {name: event[name] for name in differs} == differs
    if kind != "unknown_type":
        assert event | {"id": None} == truth | {"id": None} | differs


def test_a_hostile_body_is_well_signed_and_no_event(own: Caller, listener: Listener) -> None:
    ada = own.customer("ada@analytical.example")["id"]
    kinds = {"not_json": 1, "cut": 1, "oversized": 1, "without_id": 1}
    own.call("POST", "/_sandbox/webhooks", {"url": listener.url, "secret": SECRET, "hostile": kinds})

    rename(own, ada, "Ada King")
    listener.wait_for(lambda heard: len(heard.bodies) == 5)

    no_json, cut, oversized, without_id, true = listener.bodies
    verdicts = [verdict(*each) for each in zip(listener.bodies, listener.signatures, strict=True)]
    assert verdicts == ["good"] * 5
    for body in (no_json, cut):
        with pytest.raises(json.JSONDecodeError):
            json.loads(body)
    assert true.startswith(cut)
    assert len(oversized) > 1_000_000
    it = json.loads(true)["data"]["object"]
    assert json.loads(without_id)["data"]["object"] == {name: value for name, value in it.items() if name != "id"}


def test_a_hostile_delivery_is_sent_once_and_settles_nothing(own: Caller, listener: Listener) -> None:
    ada = own.customer("ada@analytical.example")["id"]
    wanted = {"url": listener.url, "secret": SECRET, "hostile": {"other_mode": 1}, "drop": 1, "pauses": [0, 0]}
    own.call("POST", "/_sandbox/webhooks", wanted)
    rename(own, ada, "Ada King")
    listener.wait_for(lambda heard: len(heard.bodies) == 1)  # and it was taken

    listener.refuse = 1
    rename(own, ada, "Ada Byron")
    listener.wait_for(lambda heard: len(heard.bodies) == 2)
    own.call("POST", "/_sandbox/webhooks", {"url": listener.url, "secret": SECRET})
    rename(own, ada, "Ada Lovelace")  # by whose arrival a second try of the one before would be there as well
    listener.wait_for(lambda heard: len(heard.bodies) == 3)

    assert [each["livemode"] for each in listener.events] == [True, True, False]
    pending = {each["data"]["object"]["name"] for each in own.get("/v1/events?delivery_success=false").json["data"]}
    assert pending >= {"Ada King", "Ada Byron"}


def test_what_is_dropped_is_lost_for_good(own: Caller, listener: Listener) -> None:
    ada = own.customer("ada@analytical.example")["id"]
    own.call("POST", "/_sandbox/webhooks", {"url": listener.url, "secret": SECRET, "drop": 1})
    rename(own, ada, "Ada Unheard")

    own.call("POST", "/_sandbox/webhooks", {"url": listener.url, "secret": SECRET})
    own.call("POST", "/_sandbox/clock", {"advance": 4 * DAY})  # past the last of Stripe's tries
    rename(own, ada, "Ada Heard")
    listener.wait_for(lambda heard: any(each["data"]["object"].get("name") == "Ada Heard" for each in heard.events))

    assert all(each["data"]["object"].get("name") != "Ada Unheard" for each in listener.events)
    names = [each["data"]["object"].get("name") for each in own.every("/v1/events?delivery_success=false")]
    assert "Ada Unheard" in names


def test_a_seed_decides_which_are_hostile(listener: Listener) -> None:
    rates = {"stale": 0.3, "other_mode": 0.3, "cut": 0.3}
    kinds = []
    for given in (rates, dict(reversed(rates.items()))):
        sandbox = Sandbox(customers=3, months=1, seed=11, now=NOW)
        caller = Caller(sandbox.start())
        unreachable = {"url": "http://127.0.0.1:9/", "secret": SECRET, "late": 600, "hostile": given}
        caller.call("POST", "/_sandbox/webhooks", unreachable)
        customer = next(sandbox.store.of_type("customer"))["id"]
        for number in range(30):
            rename(caller, customer, f"Ada {number}")
        kinds.append([each.kind for each in sorted(sandbox.webhooks._waiting)])
        sandbox.stop()

    assert kinds[0] == kinds[1]
    assert {"", "stale", "other_mode", "cut"} == set(kinds[0])


@pytest.mark.parametrize("hostile", [["stale"], {"rude": 1}, {"stale": 2}, {"stale": True}, {"stale": "often"}])
def test_a_wrong_wish_for_hostility_is_refused(own: Caller, listener: Listener, hostile: object) -> None:
    wanted = {"url": listener.url, "secret": SECRET, "hostile": hostile}

    answer = own.call("POST", "/_sandbox/webhooks", wanted)

    assert (answer.status, answer.json["error"].startswith("hostile")) == (400, True)
