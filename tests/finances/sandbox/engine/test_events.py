"""Events: in Stripe's order, with what was before, kept for thirty days."""

from __future__ import annotations

import re
from typing import Any

import pytest

from finances.sandbox import Sandbox
from finances.sandbox.engine.events import before
from tests.finances.sandbox.conftest import NOW, Caller

DAY = 86_400
Json = dict[str, Any]


def newest(own: Caller, kind: str) -> Json:
    return own.get(f"/v1/events?type={kind}&limit=1").json["data"][0]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"name": "Ada", "phone": None}, {"name": "Ada King", "phone": None}, {"name": "Ada"}),
        ({"metadata": {"a": "1", "b": "2"}}, {"metadata": {"a": "1", "b": "3"}}, {"metadata": {"b": "2"}}),
        ({"metadata": {"a": "1"}}, {"metadata": {"a": "1", "new": "2"}}, {"metadata": {"new": None}}),
        ({"metadata": {"a": "1", "gone": "2"}}, {"metadata": {"a": "1"}}, {"metadata": {"gone": "2"}}),
        ({"x": {"y": {"z": 1, "same": 2}}}, {"x": {"y": {"z": 5, "same": 2}}}, {"x": {"y": {"z": 1}}}),
        ({"list": [1, {"a": 2}]}, {"list": [1, {"a": 3}]}, {"list": [1, {"a": 2}]}),
        ({"discount": {"id": "di_1"}}, {"discount": None}, {"discount": {"id": "di_1"}}),
        ({"discount": None}, {"discount": {"id": "di_1"}}, {"discount": None}),
        ({"same": {"a": 1}}, {"same": {"a": 1}}, {}),
        ({}, {"new": 1}, {"new": None}),
    ],
)
def test_only_what_changed_is_told(old: Json, new: Json, told: Json) -> None:
    assert before(old, new) == told


def test_a_nested_change_tells_only_the_changed_keys(own: Caller) -> None:
    ada = own.customer("ada@analytical.example")
    address = {**ada["address"], "line1": "12 St James's Square"}

    own.call("PATCH", f"/_sandbox/state/{ada['id']}?event=customer.updated", {"address": address})

    event = newest(own, "customer.updated")
    assert event["data"]["previous_attributes"] == {"address": {"line1": ada["address"]["line1"]}}
    assert event["data"]["object"]["address"] == address


def test_a_renewal_tells_the_items_as_they_were(own: Caller) -> None:
    ada = own.customer("ada@analytical.example")["id"]
    old = own.get(f"/v1/subscriptions?customer={ada}").json["data"][0]

    own.call("POST", "/_sandbox/clock", {"advance": 31 * DAY})

    updated = own.every("/v1/events?type=customer.subscription.updated")
    told = next(each["data"] for each in updated if each["data"]["object"]["id"] == old["id"])
    (period,) = {item["current_period_end"] for item in told["previous_attributes"]["items"]["data"]}
    assert period == old["items"]["data"][0]["current_period_end"]
    assert told["object"]["items"]["data"][0]["current_period_end"] > period
    assert told["previous_attributes"]["latest_invoice"] == old["latest_invoice"]


def test_only_updates_and_refunds_tell_what_was_before(own: Caller) -> None:
    own.call("POST", "/_sandbox/clock", {"advance": 29 * DAY})

    telling = {each["type"] for each in own.every("/v1/events") if "previous_attributes" in each["data"]}

    assert {"customer.updated", "customer.subscription.updated", "invoice.updated"} <= telling
    assert {kind for kind in telling if not kind.endswith(".updated")} <= {"charge.refunded"}


def test_what_was_asked_for_names_its_request(own: Caller) -> None:
    own.call("POST", "/_sandbox/clock", {"advance": 29 * DAY})
    events = own.every("/v1/events")

    signed_up = next(each for each in events if each["type"] == "customer.created")
    announced = [each["request"] for each in events if each["type"] in ("invoice.upcoming", "payout.paid")]

    assert re.fullmatch(r"req_[A-Za-z0-9]{14}", signed_up["request"]["id"])
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", signed_up["request"]["idempotency_key"])
    same = [each["type"] for each in events if each["request"] == signed_up["request"]]
    assert "customer.created" in same
    assert len({each["created"] for each in events if each["request"] == signed_up["request"]}) == 1
    assert announced
    assert {(each["id"], each["idempotency_key"]) for each in announced} == {(None, None)}


def test_events_are_listed_in_the_order_of_their_making(own: Caller) -> None:
    ada = own.customer("ada@analytical.example")["id"]
    for name in ("A", "B", "C", "D"):  # within one second
        own.call("PATCH", f"/_sandbox/state/{ada}?event=customer.updated", {"name": name})

    listed = own.get("/v1/events?type=customer.updated&limit=4").json["data"]

    assert [each["data"]["object"]["name"] for each in listed] == ["D", "C", "B", "A"]


def test_an_event_is_gone_after_thirty_days_and_not_before(own: Caller) -> None:
    ada = own.customer("ada@analytical.example")["id"]
    own.call("PATCH", f"/_sandbox/state/{ada}?event=customer.updated", {"name": "Ada King"})
    event = newest(own, "customer.updated")["id"]

    own.call("POST", "/_sandbox/clock", {"advance": 30 * DAY - 60})
    held = own.get(f"/v1/events/{event}").status
    own.call("POST", "/_sandbox/clock", {"advance": 120})

    assert (held, own.get(f"/v1/events/{event}").status) == (200, 404)


def test_history_keeps_the_last_thirty_days_only() -> None:
    sandbox = Sandbox(customers=24, months=3, seed=7, now=NOW, clock_runs=False)

    created = [each["created"] for each in sandbox.store.of_type("event")]

    now = sandbox.clock.now()
    assert created == sorted(created)
    assert now - 30 * DAY <= created[0] < now - 29 * DAY
    assert created[-1] <= now
