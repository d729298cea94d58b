"""What is left of Stripe's JSON without the person."""

import pytest

from finances.mirror.impersonal import impersonal, texts_of_person

INVOICE = {
    "id": "in_1PxYzA2eZvKYlo2C",
    "object": "invoice",
    "number": "NV-0042",
    "customer": "cus_1PxYzA2eZvKYlo",
    "customer_name": "Ada King",
    "customer_email": "ada@example.test",
    "customer_address": {"line1": "St James's Square 12", "country": "GB"},
    "currency": "gbp",
    "status": "paid",
    "total": 2900,
    "metadata": {"contact": "Ada"},
    "hosted_invoice_url": "https://invoice.stripe.com/i/acct_1/test_x",
    "a_field_of_tomorrow": "Ada King",
    "lines": {
        "object": "list",
        "url": "/v1/invoices/in_1PxYzA2eZvKYlo2C/lines",
        "data": [
            {
                "id": "il_1PxYzA2eZvKYlo2C",
                "description": "For Ada",
                "amount": 2900,
                "price": {"object": "price", "nickname": "Pro"},
            }
        ],
    },
}


def test_sums_ids_and_stripes_own_words_stay_and_everything_else_goes() -> None:
    assert impersonal(INVOICE) == INVOICE | {
        "customer_name": None,
        "customer_email": None,
        "customer_address": {"line1": None, "country": "GB"},
        "metadata": {},
        "hosted_invoice_url": None,
        "a_field_of_tomorrow": None,
        "lines": INVOICE["lines"] | {"data": [INVOICE["lines"]["data"][0] | {"description": None}]},
    }


def test_twice_is_the_same_as_once() -> None:
    assert impersonal(impersonal(INVOICE)) == impersonal(INVOICE)


def test_a_card_keeps_its_brand_alone() -> None:
    card = {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2029, "fingerprint": "Xt5EWLLDS7FJjR1c"}

    left = impersonal({"object": "payment_method", "type": "card", "card": card | {"country": "GB"}})

    assert left["card"] == dict.fromkeys(card) | {"brand": "visa", "country": "GB"}


@pytest.mark.parametrize("field", ["status", "reason", "code", "number"])
def test_a_name_in_a_field_of_stripes_words_goes_too(field: str) -> None:
    assert impersonal({field: "Ada King"}) == {field: None}
    assert impersonal({field: "ada@example.test"}) == {field: None}


def test_a_code_for_one_customer_alone_goes() -> None:
    assert impersonal({"object": "promotion_code", "id": "promo_1PxYzA2eZv", "code": "ADA20"})["code"] is None


def test_who_it_is_stands_in_known_fields_and_not_in_the_catalogue() -> None:
    assert texts_of_person(INVOICE | {"product": {"object": "product", "name": "Starter"}}) == {
        "Ada King",
        "ada@example.test",
    }
