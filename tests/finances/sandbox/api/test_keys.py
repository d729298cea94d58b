"""Keys: which are taken, what a restricted one may read, revoked ones, and live mode, in which nothing happened."""

from __future__ import annotations

import base64

import pytest

from tests.finances.sandbox.conftest import KEY, Caller

RESTRICTED = "rk_test_" + "a1B2" * 6
LIVE = "sk_live_" + "a1B2" * 6


def caller(stripe: Caller, key: str) -> Caller:
    return Caller(stripe.address, {"Authorization": f"Bearer {key}"})


@pytest.mark.parametrize("key", [KEY, RESTRICTED, LIVE, LIVE.replace("sk_", "rk_")])
def test_a_well_formed_key_opens_as_bearer_and_as_basic(address: str, key: str) -> None:
    basic = base64.b64encode(f"{key}:".encode()).decode()

    assert Caller(address, {"Authorization": f"Bearer {key}"}).get("/v1/account").status == 200
    assert Caller(address, {"Authorization": f"Basic {basic}"}).get("/v1/account").status == 200


@pytest.mark.parametrize("header", [None, "Bearer", "Basic not-base64!", "Digest x"])
def test_no_key_is_401(address: str, header: str | None) -> None:
    refused = Caller(address, {"Authorization": header} if header else {}).get("/v1/customers")

    assert refused.status == 401
    assert refused.error["message"].startswith("You did not provide an API key. You need to provide your API key")
    assert refused.error["type"] == "invalid_request_error"
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="Stripe"'


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("sk_live_tooshort", "sk_live_****hort"),
        ("sk_test_tooshort", "sk_test_****hort"),
        ("sk_test_" + "a-b_" * 6, "sk_test_" + "*" * 20 + "a-b_"),
        ("pk_test_" + "x" * 24, "*" * 28 + "xxxx"),
        ("nonsense", "****ense"),
    ],
)
def test_a_wrong_key_is_shown_masked(address: str, key: str, shown: str) -> None:
    refused = Caller(address, {"Authorization": f"Bearer {key}"}).get("/v1/customers")

    assert (refused.status, refused.error["message"]) == (401, f"Invalid API Key provided: {shown}")


def test_a_restricted_key_reads_only_what_its_scopes_say(own: Caller) -> None:
    account = own.get("/v1/account").json["id"]
    own.call("POST", "/_sandbox/keys", {RESTRICTED: {"scopes": ["customer:read", "invoice:write"]}})
    restricted = caller(own, RESTRICTED)

    customer = restricted.get("/v1/customers?limit=1").json["data"][0]["id"]
    refused = restricted.get("/v1/subscriptions")

    assert restricted.get(f"/v1/customers/{customer}").status == 200
    assert restricted.get(f"/v1/customers/{customer}/tax_ids").status == 200
    assert restricted.get(f"/v1/customers/{customer}/payment_methods").status == 403
    assert restricted.get("/v1/invoices").status == 200
    assert refused.status == 403
    assert refused.error == {
        "message": f"The provided key 'rk_test_{'*' * 20}a1B2' does not have the required permissions for this "
        f"endpoint on account '{account}'. Having the 'rak_subscription_read' permission would "
        "allow this request to continue.",
        "type": "invalid_request_error",
        "request_log_url": refused.error["request_log_url"],
    }
    assert restricted.get("/v1/account").status == 403
    assert own.get("/v1/subscriptions").status == 200


def test_a_revoked_key_has_expired(own: Caller) -> None:
    own.call("POST", "/_sandbox/keys", {KEY: {"revoked": True}})

    refused = own.get("/v1/customers")

    assert (refused.status, refused.error["code"]) == (401, "api_key_expired")
    assert refused.error["message"] == f"Expired API Key provided: sk_test_{'*' * 20}a1B2"
    assert caller(own, RESTRICTED).get("/v1/customers").status == 200


@pytest.mark.parametrize("wanted", [{}, {KEY: {}, RESTRICTED: {}}])
def test_what_was_said_of_keys_can_be_taken_back(own: Caller, wanted: dict[str, object]) -> None:
    own.call("POST", "/_sandbox/keys", {KEY: {"revoked": True}, RESTRICTED: {"scopes": []}})

    own.call("POST", "/_sandbox/keys", wanted)

    assert own.get("/v1/customers").status == 200
    assert caller(own, RESTRICTED).get("/v1/customers").status == 200


@pytest.mark.parametrize(
    "wanted",
    [
        {"rk_test_short": {}},
        {KEY: {"scopes": ["customer:read"]}},
        {RESTRICTED: {"scopes": ["everything:read"]}},
        {RESTRICTED: {"scopes": ["customer"]}},
        {RESTRICTED: {"scopes": "customer:read"}},
        {RESTRICTED: {"revoked": "yes"}},
        {RESTRICTED: {"colour": "red"}},
        {RESTRICTED: None},
    ],
)
def test_what_means_nothing_is_refused_and_changes_nothing(own: Caller, wanted: dict[str, object]) -> None:
    own.call("POST", "/_sandbox/keys", {RESTRICTED: {"scopes": []}})

    refused = own.call("POST", "/_sandbox/keys", {KEY: {"revoked": True}, **wanted})

    assert refused.status == 400
    assert refused.json["error"].endswith(".")
    assert own.get("/v1/customers").status == 200
    assert caller(own, RESTRICTED).get("/v1/customers").status == 403


def test_nothing_happened_in_live_mode(stripe: Caller) -> None:
    live = caller(stripe, LIVE)
    customer = stripe.get("/v1/customers?limit=1").json["data"][0]["id"]

    assert live.get("/v1/customers").json == {"object": "list", "data": [], "has_more": False, "url": "/v1/customers"}
    for path, status, param in (
        (f"/v1/customers/{customer}", 404, "id"),
        (f"/v1/customers/{customer}/tax_ids", 404, "id"),
        (f"/v1/invoices?customer={customer}", 400, "customer"),
        (f"/v1/customers?starting_after={customer}", 400, "starting_after"),
    ):
        refused = live.get(path)
        assert (refused.status, refused.error["code"], refused.error["param"]) == (status, "resource_missing", param)
        assert refused.error["message"] == (
            f"No such customer: '{customer}'; a similar object exists in test mode, but a live mode key was used to "
            "make this request."
        )
    assert live.get("/v1/customers/cus_x").error["message"] == "No such customer: 'cus_x'"
    assert live.get("/v1/customers?limit=0").status == 400
    assert live.get("/v1/account").json == stripe.get("/v1/account").json
    assert live.get("/v1/balance").json["livemode"] is True
    assert {each["amount"] for each in live.get("/v1/balance").json["available"]} == {0}
