"""What a list can be asked by."""

from __future__ import annotations

import pytest

from tests.finances.sandbox.conftest import Caller


def test_subscriptions_leave_out_canceled_ones_unless_asked(stripe: Caller) -> None:
    usual = {each["status"] for each in stripe.every("/v1/subscriptions")}
    everything = stripe.every("/v1/subscriptions?status=all")

    assert "canceled" not in usual
    assert "canceled" in {each["status"] for each in everything}
    for status in ("active", "canceled", "past_due", "trialing", "incomplete"):
        found = stripe.every(f"/v1/subscriptions?status={status}")
        assert [each["id"] for each in found] == [each["id"] for each in everything if each["status"] == status]
        assert found, f"nobody is {status}"
    ended = {each["status"] for each in stripe.every("/v1/subscriptions?status=ended")}
    assert ended <= {"canceled", "incomplete_expired"}


@pytest.mark.parametrize("status", ["draft", "open", "paid", "uncollectible", "void"])
def test_invoices_by_status(stripe: Caller, status: str) -> None:
    expected = [each["id"] for each in stripe.every("/v1/invoices") if each["status"] == status]

    assert [each["id"] for each in stripe.every(f"/v1/invoices?status={status}")] == expected
    assert expected


def test_what_belongs_to_ada(stripe: Caller) -> None:
    ada = stripe.customer("ada@analytical.example")
    subscription = stripe.get(f"/v1/subscriptions?customer={ada['id']}").json["data"][0]
    invoices = stripe.every(f"/v1/invoices?customer={ada['id']}")

    assert ada["name"] == "Ada Lovelace"
    assert subscription["status"] == "active"
    assert len(invoices) >= 8
    assert [each["id"] for each in stripe.every(f"/v1/invoices?subscription={subscription['id']}")] == [
        each["id"] for each in invoices
    ]
    for collection in ("charges", "payment_intents"):
        found = stripe.every(f"/v1/{collection}?customer={ada['id']}")
        assert {each["customer"] for each in found} == {ada["id"]}
    (card,) = stripe.get(f"/v1/customers/{ada['id']}/payment_methods").json["data"]
    assert card["id"] == ada["invoice_settings"]["default_payment_method"]
    assert stripe.get(f"/v1/payment_methods?customer={ada['id']}").json["data"] == [card]
    (payment,) = stripe.get(f"/v1/invoice_payments?invoice={invoices[0]['id']}").json["data"]
    intent = payment["payment"]["payment_intent"]
    (charge,) = stripe.get(f"/v1/charges?payment_intent={intent}").json["data"]
    assert charge["amount"] == invoices[0]["amount_paid"]


def test_created_takes_a_moment_or_bounds(stripe: Caller) -> None:
    everything = stripe.every("/v1/invoices")
    middle = everything[len(everything) // 2]["created"]

    def ids(query: str) -> list[str]:
        return [each["id"] for each in stripe.every(f"/v1/invoices?{query}")]

    assert ids(f"created={middle}") == [each["id"] for each in everything if each["created"] == middle]
    assert ids(f"created[gte]={middle}") == [each["id"] for each in everything if each["created"] >= middle]
    assert ids(f"created[gt]={middle}") == [each["id"] for each in everything if each["created"] > middle]
    assert ids(f"created[lt]={middle}") + ids(f"created[lte]={middle}") != []
    assert len(ids(f"created[lt]={middle}")) + len(ids(f"created[gte]={middle}")) == len(everything)


def test_events_by_type(stripe: Caller) -> None:
    everything = stripe.every("/v1/events")

    one = stripe.every("/v1/events?type=invoice.paid")
    some = stripe.every("/v1/events?types[]=invoice.paid&types[]=customer.created")

    assert {each["type"] for each in one} == {"invoice.paid"}
    assert {each["type"] for each in some} == {"invoice.paid", "customer.created"}
    assert len(some) == sum(each["type"] in ("invoice.paid", "customer.created") for each in everything)


def test_events_by_a_group_of_types(stripe: Caller) -> None:
    everything = stripe.every("/v1/events")

    group = stripe.every("/v1/events?type=customer.subscription.*")

    of_it = [each["id"] for each in everything if each["type"].startswith("customer.subscription.")]
    assert [each["id"] for each in group] == of_it
    assert len({each["type"] for each in group}) > 1


def test_events_take_one_type_or_twenty_but_not_both(stripe: Caller) -> None:
    twenty = "&".join(f"types[]=invoice.{number}" for number in range(20))

    assert stripe.get(f"/v1/events?{twenty}").json["data"] == []
    assert stripe.get(f"/v1/events?{twenty}&types[]=invoice.paid").status == 400
    both = stripe.get("/v1/events?type=invoice.paid&types[]=invoice.paid")
    assert (both.status, both.error["param"]) == (400, "type")


def test_events_of_one_second_keep_their_order_in_both_directions(stripe: Caller) -> None:
    everything = [each["id"] for each in stripe.every("/v1/events")]
    seconds = [each["created"] for each in stripe.every("/v1/events")]
    assert len(set(seconds)) < len(seconds)

    backwards, before = [], everything[-1]
    while page := stripe.get(f"/v1/events?limit=3&ending_before={before}").json["data"]:
        backwards, before = [*[each["id"] for each in page], *backwards], page[0]["id"]

    assert [each["id"] for each in stripe.every("/v1/events", limit=3)] == everything
    assert backwards == everything[:-1]


def test_products_and_prices_that_are_no_longer_sold(stripe: Caller) -> None:
    (retired,) = stripe.get("/v1/products?active=false").json["data"]
    (price,) = stripe.get(f"/v1/prices?product={retired['id']}").json["data"]

    assert price["active"] is False
    assert retired["id"] not in {each["id"] for each in stripe.every("/v1/products?active=true")}


def test_subscription_items_are_those_of_one_subscription(stripe: Caller) -> None:
    subscription = stripe.get("/v1/subscriptions?limit=1").json["data"][0]

    items = stripe.get(f"/v1/subscription_items?subscription={subscription['id']}").json["data"]

    assert items == subscription["items"]["data"]
    assert stripe.get(f"/v1/subscription_items/{items[0]['id']}").json == items[0]
