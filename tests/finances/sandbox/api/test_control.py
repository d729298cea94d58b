"""The control address: to look behind the API, and to bend what it serves."""

from __future__ import annotations

import pytest

from tests.finances.sandbox.conftest import Caller, Listener

ADDRESSES = (
    *("charges", "coupons", "credit_notes", "customers", "disputes", "invoiceitems", "invoices", "invoice_payments"),
    *("payment_intents", "payouts", "prices", "products", "promotion_codes", "refunds", "setup_intents", "tax_rates"),
    *("balance_transactions", "subscriptions", "subscription_schedules"),
)


def test_a_patch_is_seen_by_the_next_answer_and_makes_no_event(own: Caller) -> None:
    ada = own.customer("ada@analytical.example")
    before = own.get("/v1/events?limit=1").json["data"][0]["id"]

    own.call("PATCH", f"/_sandbox/state/{ada['id']}", {"name": "Ada King"})

    assert own.get(f"/v1/customers/{ada['id']}").json["name"] == "Ada King"
    assert own.customer("ada@analytical.example")["name"] == "Ada King"
    assert own.get("/v1/events?limit=1").json["data"][0]["id"] == before


def test_a_patch_with_an_event_tells_what_was_before(own: Caller) -> None:
    ada = own.customer("ada@analytical.example")["id"]

    own.call("PATCH", f"/_sandbox/state/{ada}?event=customer.updated", {"name": "Ada King"})

    event = own.get("/v1/events?limit=1").json["data"][0]
    assert event["type"] == "customer.updated"
    assert event["data"]["object"]["name"] == "Ada King"
    assert event["data"]["previous_attributes"] == {"name": "Ada Lovelace"}


def test_a_put_takes_any_object_whole(own: Caller) -> None:
    note = {"id": "cn_1", "object": "credit_note", "created": 1_700_000_000, "invoice": "in_1", "odd": "\udc00\u0000"}

    assert own.call("PUT", "/_sandbox/state/cn_1?event=credit_note.created", note).status == 200

    assert own.state("cn_1") == note
    assert own.get("/v1/credit_notes/cn_1").json == note
    assert own.get("/v1/events?limit=1").json["data"][0]["data"]["object"] == note


def test_a_put_customer_stands_where_its_age_puts_it(own: Caller) -> None:
    whole = own.every("/v1/customers")
    old = {**whole[3], "id": "cus_old", "created": whole[-1]["created"] - 1}

    own.call("PUT", "/_sandbox/state/cus_old", old)

    assert [each["id"] for each in own.every("/v1/customers")] == [*(each["id"] for each in whole), "cus_old"]


def test_a_deleted_customer_leaves_a_stub_and_its_subscriptions_end(own: Caller) -> None:
    ada = own.customer("ada@analytical.example")["id"]

    own.call("DELETE", f"/_sandbox/state/{ada}?event=customer.deleted")

    assert own.get(f"/v1/customers/{ada}").json == {"id": ada, "object": "customer", "deleted": True}
    assert ada not in {each["id"] for each in own.every("/v1/customers")}
    assert own.get(f"/v1/subscriptions?customer={ada}&status=all").json["data"][0]["status"] == "canceled"
    types = [each["type"] for each in own.get("/v1/events?limit=2").json["data"]]
    assert types == ["customer.deleted", "customer.subscription.deleted"]


def test_other_deleted_things_are_gone(own: Caller) -> None:
    draft = own.get("/v1/invoices?status=draft").json["data"][0]["id"]

    own.call("DELETE", f"/_sandbox/state/{draft}")

    assert own.get(f"/v1/invoices/{draft}").status == 404
    assert own.get(f"/_sandbox/state/{draft}").status == 404


def test_a_subscription_item_is_changed_inside_its_subscription(own: Caller) -> None:
    subscription = own.get("/v1/subscriptions?limit=1").json["data"][0]
    item = subscription["items"]["data"][0]["id"]

    own.call("PATCH", f"/_sandbox/state/{item}", {"quantity": 77})

    assert own.get(f"/v1/subscriptions/{subscription['id']}").json["items"]["data"][0]["quantity"] == 77


def test_a_deleted_subscription_item_leaves_its_subscription(own: Caller) -> None:
    subscription = own.customer("ada@analytical.example")["id"]
    subscription = own.get(f"/v1/subscriptions?customer={subscription}").json["data"][0]
    first, second = subscription["items"]["data"]

    own.call("DELETE", f"/_sandbox/state/{first['id']}")

    left = own.get(f"/v1/subscriptions/{subscription['id']}").json["items"]["data"]
    assert [item["id"] for item in left] == [second["id"]]
    assert own.get(f"/_sandbox/state/{first['id']}").status == 404


def test_every_kind_of_object_can_be_put_changed_and_deleted(own: Caller) -> None:
    seen = set()
    for address in ADDRESSES:
        page = own.get(f"/v1/{address}?limit=1").json["data"]
        if not page:
            continue
        kind = page[0]["object"]
        seen.add(kind)
        whole = {**own.state(page[0]["id"]), "id": f"{kind}_new"}

        put = own.call("PUT", f"/_sandbox/state/{whole['id']}?event={kind}.created", whole)
        patched = own.call("PATCH", f"/_sandbox/state/{whole['id']}?event={kind}.updated", {"created": 1})
        event = own.get("/v1/events?limit=1").json["data"][0]
        deleted = own.call("DELETE", f"/_sandbox/state/{whole['id']}?event={kind}.deleted")

        assert (put.status, patched.status, deleted.status) == (200, 200, 200), kind
        assert put.json == whole
        assert patched.json == {**whole, "created": 1}
        assert event["type"] == f"{kind}.updated"
        assert event["data"]["previous_attributes"] == {"created": whole.get("created")}
        gone = own.get(f"/v1/{address}/{whole['id']}")
        assert gone.status == 404 or gone.json["deleted"] is True
    assert {"refund", "setup_intent", "coupon", "promotion_code", "payout", "tax_rate", "balance_transaction"} <= seen


def test_calls_are_counted_by_pattern(own: Caller) -> None:
    own.get("/v1/customers?limit=1")
    own.get("/v1/customers/cus_x")
    own.call("DELETE", "/_sandbox/calls")

    own.get("/v1/customers?limit=1")
    own.get("/v1/customers?limit=2")
    own.get("/v1/customers/cus_x")

    assert own.get("/_sandbox/calls").json == {"GET /v1/customers": 2, "GET /v1/customers/{id}": 1}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "clock", b"not json"),
        ("POST", "clock", b"[" * 100_000),
        ("POST", "clock", {"advance": -1}),
        ("POST", "clock", {"advance": "1"}),
        ("POST", "faults", {"429": 2}),
        ("POST", "faults", {"418": 0.5}),
        ("POST", "faults", {"500": 0.6, "429": 0.6}),
        ("POST", "faults", {"html_status": 404}),
        ("POST", "faults", {"revoke_after": -1}),
        ("POST", "faults", {"rate_limit": 0}),
        ("POST", "faults", {"rules": {"500": 1}}),
        ("POST", "faults", {"rules": [{"500": 1}], "429": 1}),
        ("POST", "webhooks", {"url": "nowhere", "secret": "x"}),
        ("POST", "webhooks", {"url": "http://127.0.0.1:1/", "secret": "x", "pauses": "soon"}),
        ("POST", "webhooks", {"url": "http://127.0.0.1:1/"}),
        ("PUT", "state/cus_1", {"id": "cus_2", "object": "customer"}),
        ("PUT", "state/cus_1", {"id": "cus_1"}),
        ("PUT", "state/sub_1", {"object": "subscription", "items": "none"}),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(own: Caller, method: str, path: str, body: object) -> None:
    refused = own.call(method, f"/_sandbox/{path}", body)

    assert refused.status == 400
    assert refused.json["error"].endswith(".")


def test_no_key_is_needed_and_an_unknown_id_is_404(own: Caller, listener: Listener) -> None:
    assert own.get("/_sandbox/state/cus_x").status == 404
    assert own.get("/_sandbox/nothing").status == 404
