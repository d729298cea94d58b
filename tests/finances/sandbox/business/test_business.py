"""The books agree with themselves, and the same seed and day give the same bytes."""

from __future__ import annotations

from collections import defaultdict

from finances.sandbox import Sandbox
from tests.finances.sandbox.conftest import NOW, Caller, Json

COLLECTIONS = ("customers", "products", "prices", "subscriptions", "invoices", "payment_intents", "charges", "events")


def test_two_sandboxes_of_one_seed_answer_the_same_bytes(stripe: Caller) -> None:
    twin = Sandbox(customers=40, months=6, seed=7, now=NOW)
    try:
        other = Caller(twin.start())
        for collection in COLLECTIONS:
            path = f"/v1/{collection}?limit=100"
            assert other.get(path).body == stripe.get(path).body
    finally:
        twin.stop()


def test_another_seed_is_another_business(stripe: Caller) -> None:
    stranger = Sandbox(customers=20, months=2, seed=8, now=NOW)
    try:
        other = Caller(stranger.start())
        assert other.get("/v1/customers").body != stripe.get("/v1/customers").body
    finally:
        stranger.stop()


def test_invoices_add_up(stripe: Caller) -> None:
    for invoice in stripe.every("/v1/invoices?expand[]=data.payments.data.payment"):
        lines = stripe.every(f"/v1/invoices/{invoice['id']}/lines")
        assert invoice["subtotal"] == sum(line["amount"] for line in lines)
        discounts = sum(off["amount"] for off in invoice["total_discount_amounts"])
        taxes = {"exclusive": 0, "inclusive": 0}
        for each in invoice["total_taxes"]:
            taxes[each["tax_behavior"]] += each["amount"]
        assert invoice["total"] == invoice["subtotal"] - discounts + taxes["exclusive"]
        assert invoice["total_excluding_tax"] == invoice["total"] - sum(taxes.values())
        assert invoice["amount_remaining"] == invoice["amount_due"] - invoice["amount_paid"]
        if invoice["status"] != "draft":
            assert invoice["amount_due"] == max(invoice["total"] + invoice["starting_balance"], 0)
            assert invoice["number"]
            assert invoice["status_transitions"]["finalized_at"]
        if invoice["status"] == "paid":
            assert invoice["amount_paid"] == invoice["amount_due"]
        for payment in invoice["payments"]["data"]:
            assert payment["amount_requested"] == invoice["amount_due"]
            intent = stripe.get(f"/v1/payment_intents/{payment['payment']['payment_intent']}").json
            assert intent["amount"] == invoice["amount_due"]
            assert (intent["status"] == "succeeded") == (invoice["status"] == "paid") == (payment["status"] == "paid")
            if intent["latest_charge"]:
                charge = stripe.get(f"/v1/charges/{intent['latest_charge']}").json
                assert charge["amount"] == intent["amount"]
                assert charge["paid"] is (intent["status"] == "succeeded")


def test_a_subscription_names_its_newest_invoice_and_holds_its_period(stripe: Caller) -> None:
    newest: dict[str, Json] = {}
    for invoice in reversed(stripe.every("/v1/invoices")):
        if invoice["parent"]:
            newest[invoice["parent"]["subscription_details"]["subscription"]] = invoice

    for subscription in stripe.every("/v1/subscriptions?status=all"):
        assert subscription["latest_invoice"] == newest[subscription["id"]]["id"]
        assert "current_period_end" not in subscription
        for item in subscription["items"]["data"]:
            assert item["current_period_start"] < item["current_period_end"]
            if subscription["status"] in ("active", "trialing", "past_due"):
                assert item["current_period_end"] > NOW.timestamp()


def test_nothing_happened_after_now(stripe: Caller) -> None:
    for collection in COLLECTIONS:
        for each in stripe.every(f"/v1/{collection}"):
            assert each["created"] <= NOW.timestamp()


def test_events_go_back_thirty_days_and_carry_snapshots(stripe: Caller) -> None:
    events = stripe.every("/v1/events")

    assert min(each["created"] for each in events) >= NOW.timestamp() - 30 * 86_400
    assert {each["api_version"] for each in events} == {"2026-05-27.dahlia"}
    updates = [each for each in events if each["type"] == "customer.subscription.updated"]
    assert updates
    assert all(each["data"]["previous_attributes"] for each in updates)
    assert all("id" not in each["data"]["object"] for each in events if each["type"] == "invoice.upcoming")


def test_somebody_is_in_every_state_of_trouble(stripe: Caller) -> None:
    nadia = stripe.customer("nadia@rahman.example")
    (failed,) = stripe.every(f"/v1/invoices?customer={nadia['id']}&status=open")
    (subscription,) = stripe.every(f"/v1/subscriptions?customer={nadia['id']}")
    (charge,) = [each for each in stripe.every(f"/v1/charges?customer={nadia['id']}") if not each["paid"]]

    assert nadia["delinquent"] is True
    assert (failed["attempt_count"], subscription["status"]) == (1, "past_due")
    assert failed["next_payment_attempt"] > NOW.timestamp()
    assert (charge["failure_code"], charge["outcome"]["reason"]) == ("card_declined", "insufficient_funds")
    attempts = {each["attempt_count"] for each in stripe.every("/v1/invoices?status=open")}
    assert {1, 2, 3} <= attempts
    brass = stripe.customer("accounts@brass.example")
    owed = stripe.every(f"/v1/invoices?customer={brass['id']}&status=open")
    assert any(each["due_date"] < NOW.timestamp() for each in owed)


def test_names_come_in_many_scripts_and_addresses_are_nobodys(stripe: Caller) -> None:
    customers = stripe.every("/v1/customers")

    assert all(each["email"].endswith(".example") for each in customers)
    assert len({each["email"] for each in customers}) == len(customers)
    assert sum(not each["name"].isascii() for each in customers) >= 8
    by_currency: dict[str | None, int] = defaultdict(int)
    for each in customers:
        by_currency[each["currency"]] += 1
    assert {"usd", "eur", "jpy"} <= set(by_currency)
