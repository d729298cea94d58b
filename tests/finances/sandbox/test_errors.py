"""Keys and refusals: Stripe's status, code, parameter and words."""

from __future__ import annotations

import base64

import pytest

from .conftest import KEY, Caller


@pytest.mark.parametrize("key", [KEY, KEY.replace("sk_", "rk_")])
def test_a_test_key_opens_as_bearer_and_as_basic(address: str, key: str) -> None:
    basic = base64.b64encode(f"{key}:".encode()).decode()

    assert Caller(address, {"Authorization": f"Bearer {key}"}).get("/v1/account").status == 200
    assert Caller(address, {"Authorization": f"Basic {basic}"}).get("/v1/account").status == 200


def test_no_key_is_401(address: str) -> None:
    refused = Caller(address, {}).get("/v1/customers")

    assert refused.status == 401
    assert refused.error["message"].startswith("You did not provide an API key. You need to provide your API key")
    assert refused.error["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("sk_live_" + "x" * 20 + "abcd", "sk_live_" + "*" * 20 + "abcd"),
        ("sk_test_tooshort", "sk_test_****hort"),
        ("pk_test_" + "x" * 24, "*" * 28 + "xxxx"),
        ("nonsense", "****ense"),
    ],
)
def test_a_wrong_key_is_shown_masked(address: str, key: str, shown: str) -> None:
    refused = Caller(address, {"Authorization": f"Bearer {key}"}).get("/v1/customers")

    assert (refused.status, refused.error["message"]) == (401, f"Invalid API Key provided: {shown}")


@pytest.mark.parametrize(
    ("path", "status", "code", "param", "message"),
    [
        ("/v1/customers/cus_x", 404, "resource_missing", "id", "No such customer: 'cus_x'"),
        ("/v1/invoices/in_x", 404, "resource_missing", "id", "No such invoice: 'in_x'"),
        ("/v1/subscriptions/sub_x", 404, "resource_missing", "id", "No such subscription: 'sub_x'"),
        ("/v1/prices/price_x", 404, "resource_missing", "id", "No such price: 'price_x'"),
        ("/v1/payment_methods/pm_x", 404, "resource_missing", "id", "No such PaymentMethod: 'pm_x'"),
        ("/v1/invoices?customer=cus_x", 400, "resource_missing", "customer", "No such customer: 'cus_x'"),
        ("/v1/customers?starting_after=cus_x", 400, "resource_missing", "starting_after", "No such customer: 'cus_x'"),
        ("/v1/customers?foo=1", 400, "parameter_unknown", "foo", "Received unknown parameter: foo"),
        ("/v1/customers?limit=0", 400, "parameter_invalid_integer", "limit", None),
        ("/v1/customers?limit=101", 400, "parameter_invalid_integer", "limit", None),
        ("/v1/customers?limit=ten", 400, "parameter_invalid_integer", "limit", "Invalid integer: ten"),
        ("/v1/subscription_items", 400, "parameter_missing", "subscription", "Missing required param: subscription."),
        ("/v1/invoices?status=late", 400, None, "status", None),
        ("/v1/foo", 404, None, None, None),
    ],
)
def test_refusals(
    stripe: Caller, path: str, status: int, code: str | None, param: str | None, message: str | None
) -> None:
    refused = stripe.get(path)

    assert refused.status == status
    assert (refused.error.get("code"), refused.error.get("param")) == (code, param)
    assert refused.error["type"] == "invalid_request_error"
    assert message is None or refused.error["message"] == message


def test_an_unknown_address_and_a_write_are_unrecognized(stripe: Caller) -> None:
    assert stripe.get("/v1/foo").error["message"].startswith("Unrecognized request URL (GET: /v1/foo). Please see")
    assert stripe.call("POST", "/v1/customers", {}).status == 404


def test_every_answer_has_a_request_id_and_the_asked_version(address: str) -> None:
    asking = {"Authorization": f"Bearer {KEY}", "Stripe-Version": "2025-03-31.basil"}

    for path in ("/v1/customers", "/v1/customers/cus_x"):
        answer = Caller(address, asking).get(path)
        assert answer.headers["Request-Id"].startswith("req_")
        assert answer.headers["Stripe-Version"] == "2025-03-31.basil"


def test_only_the_own_account_is_there(stripe: Caller) -> None:
    account = stripe.get("/v1/account").json

    assert stripe.get(f"/v1/accounts/{account['id']}").json == account
    assert stripe.get("/v1/accounts/acct_other").error["code"] == "account_invalid"
