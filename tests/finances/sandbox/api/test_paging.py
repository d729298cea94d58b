"""Lists: every object once, in order, whichever way one walks."""

from __future__ import annotations

import pytest

from tests.finances.sandbox.conftest import Caller

LISTS = (
    "customers",
    "products",
    "prices",
    "subscriptions?status=all",
    "invoices",
    "invoice_payments",
    "charges",
    "events",
    "balance_transactions",
    "coupons",
    "invoiceitems",
    "payment_intents",
    "payment_methods",
    "payouts",
    "plans",
    "setup_intents",
    "tax_rates",
)


@pytest.mark.parametrize("collection", LISTS)
def test_walking_forward_gives_each_object_once_newest_first(stripe: Caller, collection: str) -> None:
    whole = stripe.every(f"/v1/{collection}")

    in_sevens = stripe.every(f"/v1/{collection}", limit=7)

    assert [each["id"] for each in in_sevens] == [each["id"] for each in whole]
    assert len({each["id"] for each in whole}) == len(whole) >= 5
    moments = [each["date" if collection == "invoiceitems" else "created"] for each in whole]
    assert moments == sorted(moments, reverse=True)


@pytest.mark.parametrize("collection", LISTS)
def test_walking_backward_from_the_oldest_gives_the_same(stripe: Caller, collection: str) -> None:
    whole = [each["id"] for each in stripe.every(f"/v1/{collection}")]
    glue = "&" if "?" in collection else "?"

    seen, more = [whole[-1]], True
    while more:
        page = stripe.get(f"/v1/{collection}{glue}limit=7&ending_before={seen[0]}").json
        seen, more = [each["id"] for each in page["data"]] + seen, page["has_more"]

    assert seen == whole


def test_the_page_before_a_cursor_is_the_one_just_newer(stripe: Caller) -> None:
    whole = [each["id"] for each in stripe.every("/v1/invoices")]

    page = stripe.get(f"/v1/invoices?limit=3&ending_before={whole[20]}").json

    assert [each["id"] for each in page["data"]] == whole[17:20]
    assert page["has_more"] is True


def test_the_last_page_is_exact(stripe: Caller) -> None:
    whole = stripe.every("/v1/products")

    assert stripe.get(f"/v1/products?limit={len(whole)}").json["has_more"] is False
    assert stripe.get(f"/v1/products?limit={len(whole) - 1}").json["has_more"] is True
    assert stripe.get(f"/v1/products?starting_after={whole[-1]['id']}").json["data"] == []


def test_ten_is_the_usual_page(stripe: Caller) -> None:
    page = stripe.get("/v1/customers").json

    assert (page["object"], len(page["data"]), page["url"]) == ("list", 10, "/v1/customers")


def test_an_invoice_shows_ten_lines_and_its_own_list_the_rest(stripe: Caller) -> None:
    invoice = next(each for each in stripe.every("/v1/invoices") if each["lines"]["has_more"])

    lines = stripe.every(f"/v1/invoices/{invoice['id']}/lines", limit=4)

    assert len(invoice["lines"]["data"]) == 10
    assert len(lines) == 14
    assert lines[:10] == invoice["lines"]["data"]
    assert sum(line["amount"] for line in lines) == invoice["total"]
