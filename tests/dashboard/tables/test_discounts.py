from datetime import timedelta

import pytest

from dashboard.tables.discounts import shown_discounts
from finances.models import Coupon, Discount
from finances.reads.discounts import AppliedDiscount
from tests.factories import NOON


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "on the customer"),
        ({"subscription_id": "sub_1"}, "on Business"),
        ({"subscription_id": "sub_1", "subscription_item_id": "si_1"}, "on Seats only"),
        ({"subscription_id": "sub_2"}, "on one subscription"),
        ({"subscription_id": "sub_1", "products": ("prod_1",)}, "on Business, for Pier only"),
        ({"products": ("prod_9",)}, "on the customer, for other products only"),
    ],
)
def test_whose_it_is_is_named(fields, words: str) -> None:
    fields = dict(fields)
    products = fields.pop("products", ())
    row = AppliedDiscount(Discount(id="di_1", coupon_id="GONE", **fields), None, "", products)

    (shown,) = shown_discounts([row], {"sub_1": "Business", "si_1": "Seats", "prod_1": "Pier"}, NOON)
    assert (shown.on, shown.name, shown.how_much) == (words, "GONE", "its coupon is not stored here")


@pytest.mark.parametrize(
    ("duration", "ends_at", "lasting"),
    [("forever", None, True), ("forever", NOON + timedelta(days=1), False), ("once", None, False)],
)
def test_only_a_discount_for_ever_lowers_the_monthly_value(duration: str, ends_at, lasting: bool) -> None:
    row = AppliedDiscount(Discount(id="di_1", ends_at=ends_at), Coupon(id="A", duration=duration), "")

    assert shown_discounts([row], {}, NOON)[0].lasting is lasting
