"""Refusals: Stripe's status, code, parameter and words."""

from __future__ import annotations

import pytest

from tests.finances.sandbox import specification
from tests.finances.sandbox.conftest import KEY, Caller


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
        ("/v1/refunds/re_x", 404, "resource_missing", "id", "No such refund: 're_x'"),
        ("/v1/coupons/NOPE", 404, "resource_missing", "id", "No such coupon: 'NOPE'"),
        ("/v1/promotion_codes/promo_x", 404, "resource_missing", "id", "No such promotion code: 'promo_x'"),
        ("/v1/tax_rates/txr_x", 404, "resource_missing", "id", "No such tax rate: 'txr_x'"),
        ("/v1/balance_transactions?payout=po_x", 400, "resource_missing", "payout", "No such payout: 'po_x'"),
        ("/v1/customers/cus_x/balance_transactions", 404, "resource_missing", "id", "No such customer: 'cus_x'"),
        ("/v1/credit_notes/cn_x/lines", 404, "resource_missing", "id", "No such credit note: 'cn_x'"),
        ("/v1/customers?foo=1", 400, "parameter_unknown", "foo", "Received unknown parameter: foo"),
        (
            "/v1/customers?email[gte]=1",
            400,
            "parameter_unknown",
            "email[gte]",
            "Received unknown parameter: email[gte]",
        ),
        ("/v1/customers?a=1&b[]=2&a=3", 400, "parameter_unknown", "a", "Received unknown parameters: a, b"),
        ("/v1/customers?created[eq]=1", 400, "parameter_unknown", "created[eq]", None),
        ("/v1/customers?expand=subscriptions", 400, None, "expand", "Invalid array"),
        ("/v1/events?types=invoice.paid", 400, None, "types", "Invalid array"),
        ("/v1/prices?recurring=month", 400, None, "recurring", "Invalid object"),
        ("/v1/prices?recurring[every]=month", 400, "parameter_unknown", "recurring[every]", None),
        ("/v1/prices?recurring[interval]=moon", 400, None, "recurring[interval]", None),
        ("/v1/products?active=perhaps", 400, None, "active", "Invalid boolean: perhaps"),
        ("/v1/customers?email=", 400, "parameter_invalid_empty", "email", None),
        ("/v1/customers?created[gte]=soon", 400, "parameter_invalid_integer", "created[gte]", "Invalid integer: soon"),
        ("/v1/payment_methods?created=1", 400, "parameter_unknown", "created", "Received unknown parameter: created"),
        ("/v1/account?limit=1", 400, "parameter_unknown", "limit", "Received unknown parameter: limit"),
        (
            "/v1/customers?starting_after=cus_x&ending_before=cus_y",
            400,
            None,
            None,
            "Received both starting_after and ending_before parameters. Please pass in only one.",
        ),
        (
            "/v1/customers?limit=0",
            400,
            "parameter_invalid_integer",
            "limit",
            "This value must be greater than or equal to 1.",
        ),
        (
            "/v1/customers?limit=101",
            400,
            "parameter_invalid_integer",
            "limit",
            "This value must be less than or equal to 100 (it currently is '101').",
        ),
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
    assert specification.problems_of_error(refused.json) == []


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
