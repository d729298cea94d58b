"""The clock moves the business on: renewals, retries, the ends of trials, with their events."""

from __future__ import annotations

from tests.finances.sandbox.conftest import Caller

DAY = 86_400


def test_ada_renews_and_stripes_order_of_events_is_kept(own: Caller) -> None:
    ada = own.customer("ada@analytical.example")["id"]
    before = own.every(f"/v1/invoices?customer={ada}")
    period = own.get(f"/v1/subscriptions?customer={ada}").json["data"][0]["items"]["data"][0]["current_period_end"]

    told = own.call("POST", "/_sandbox/clock", {"advance": 31 * DAY}).json

    after = own.every(f"/v1/invoices?customer={ada}")
    subscription = own.get(f"/v1/subscriptions?customer={ada}").json["data"][0]
    assert told["events"] > 0
    assert len(after) == len(before) + 1
    assert (after[0]["status"], after[0]["billing_reason"]) == ("paid", "subscription_cycle")
    assert after[0]["created"] == period < subscription["items"]["data"][0]["current_period_end"]
    assert subscription["latest_invoice"] == after[0]["id"]
    events = [each for each in reversed(own.every("/v1/events")) if after[0]["id"] in str(each["data"])]
    kinds = [each["type"] for each in events]
    order = ["invoice.created", "customer.subscription.updated", "invoice.finalized", "invoice.paid"]
    assert [kind for kind in kinds if kind in order] == order


def test_a_failing_card_is_tried_four_times_and_then_it_ends(own: Caller) -> None:
    nadia = own.customer("nadia@rahman.example")["id"]
    invoice = own.get(f"/v1/invoices?customer={nadia}&status=open").json["data"][0]["id"]
    assert own.state(invoice)["attempt_count"] == 1

    own.call("POST", "/_sandbox/clock", {"advance": 16 * DAY})

    ended = own.state(invoice)
    assert (ended["attempt_count"], ended["next_payment_attempt"]) == (4, None)
    (subscription,) = own.get(f"/v1/subscriptions?customer={nadia}&status=all").json["data"]
    assert subscription["status"] in ("canceled", "unpaid")
    assert len(own.every(f"/v1/charges?customer={nadia}")) == 5


def test_a_trial_becomes_active_and_is_charged(own: Caller) -> None:
    tove = own.customer("tove@bergstrom.example")["id"]
    assert own.get(f"/v1/subscriptions?customer={tove}").json["data"][0]["status"] == "trialing"

    own.call("POST", "/_sandbox/clock", {"advance": 10 * DAY})

    assert own.get(f"/v1/subscriptions?customer={tove}").json["data"][0]["status"] == "active"
    newest, first = own.every(f"/v1/invoices?customer={tove}")
    assert (first["total"], newest["status"]) == (0, "paid")
    assert newest["amount_paid"] > 0


def test_a_first_payment_that_never_comes_expires(own: Caller) -> None:
    ines = own.customer("ines@duarte.example")["id"]
    assert own.get(f"/v1/subscriptions?customer={ines}").json["data"][0]["status"] == "incomplete"

    own.call("POST", "/_sandbox/clock", {"advance": DAY})

    (subscription,) = own.get(f"/v1/subscriptions?customer={ines}&status=all").json["data"]
    assert subscription["status"] == "incomplete_expired"
    assert own.state(subscription["latest_invoice"])["status"] == "void"


def test_a_renewal_is_a_draft_for_an_hour(own: Caller) -> None:
    ada = own.customer("ada@analytical.example")["id"]
    item = own.get(f"/v1/subscriptions?customer={ada}").json["data"][0]["items"]["data"][0]
    now = own.call("POST", "/_sandbox/clock", {"advance": 0}).json["now"]

    own.call("POST", "/_sandbox/clock", {"advance": item["current_period_end"] - now + 60})
    draft = own.get(f"/v1/invoices?customer={ada}&limit=1").json["data"][0]
    own.call("POST", "/_sandbox/clock", {"advance": 3_600})

    assert (draft["status"], draft["number"]) == ("draft", None)
    assert own.state(draft["id"])["status"] == "paid"


def test_old_events_are_forgotten(own: Caller) -> None:
    now = own.call("POST", "/_sandbox/clock", {"advance": 50 * DAY}).json["now"]

    assert min(each["created"] for each in own.every("/v1/events")) >= now - 30 * DAY


def test_what_was_taken_away_does_not_stop_the_rest(own: Caller) -> None:
    ada = own.customer("ada@analytical.example")["id"]
    nadia = own.customer("nadia@rahman.example")["id"]
    invoice = own.get(f"/v1/invoices?customer={nadia}&status=open").json["data"][0]["id"]
    own.call("DELETE", f"/_sandbox/state/{invoice}")

    assert own.call("POST", "/_sandbox/clock", {"advance": 40 * DAY}).status == 200

    assert own.get(f"/v1/invoices?customer={ada}&limit=1").json["data"][0]["status"] == "paid"
