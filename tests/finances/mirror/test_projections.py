"""Stripe's JSON in its old and new shapes, read into the same columns."""

from datetime import UTC, datetime
from decimal import Decimal

from finances.mirror import projections

MARCH = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
APRIL = int(datetime(2026, 4, 1, tzinfo=UTC).timestamp())
MAY = int(datetime(2026, 5, 1, tzinfo=UTC).timestamp())


def price(unit_amount: str = "2900", interval: str = "month", **more) -> dict:
    return {
        "id": "price_a",
        "currency": "eur",
        "product": "prod_a",
        "unit_amount_decimal": unit_amount,
        "recurring": {"interval": interval, "interval_count": 1, "usage_type": "licensed"},
        **more,
    }


def subscription(*items: dict, **more) -> dict:
    return {
        "id": "sub_a",
        "created": MARCH,
        "status": "active",
        "currency": "eur",
        "items": {"data": list(items)},
        **more,
    }


def test_the_new_shape_has_its_period_on_the_items_and_the_earliest_counts():
    it = subscription({"id": "si_a", "current_period_end": MAY}, {"id": "si_b", "current_period_end": APRIL})

    assert projections.subscription(it).current_period_end == datetime(2026, 4, 1, tzinfo=UTC)


def test_the_old_shape_has_its_period_on_top():
    assert projections.subscription(subscription(current_period_end=APRIL)).current_period_end == datetime(
        2026, 4, 1, tzinfo=UTC
    )


def test_a_new_invoice_names_its_subscription_under_parent():
    it = {"id": "in_a", "parent": {"subscription_details": {"subscription": "sub_new"}}, "subscription": None}

    assert projections.invoice(it).subscription_id == "sub_new"


def test_an_old_invoice_names_its_subscription_on_top_expanded_or_not():
    assert projections.invoice({"id": "in_a", "subscription": "sub_old"}).subscription_id == "sub_old"
    assert projections.invoice({"id": "in_a", "subscription": {"id": "sub_old"}}).subscription_id == "sub_old"


def test_an_invoice_of_no_subscription_has_none():
    assert projections.invoice({"id": "in_a", "parent": None}).subscription_id == ""


def test_an_object_with_nothing_but_its_id_can_be_read():
    for project in (projections.customer, projections.product, projections.subscription, projections.invoice):
        assert project({"id": "x_1"}).id == "x_1"


def test_the_search_text_is_casefolded_and_normalised():
    row = projections.customer({"id": "cus_A", "name": "STRASSE ＡＢＣ ẞ", "email": "Ada@Example.ORG"})

    assert row.search_text == "ada@example.org strasse abc ss cus_a"


def test_the_monthly_value_of_a_yearly_price_is_a_twelfth_of_it():
    it = subscription({"id": "si_a", "quantity": 3, "price": price("12000", "year")})

    assert projections.subscription(it).mrr == Decimal(3000)


def test_the_monthly_value_of_a_weekly_price_is_52_twelfths_of_it():
    it = subscription({"id": "si_a", "quantity": 1, "price": price("1200", "week")})

    assert projections.subscription(it).mrr.quantize(Decimal("0.01")) == Decimal("5200.00")


def test_metered_prices_count_nothing():
    metered = price(recurring={"interval": "month", "interval_count": 1, "usage_type": "metered"})
    it = subscription({"id": "si_a", "price": metered}, {"id": "si_b", "quantity": 2, "price": price()})

    assert projections.subscription(it).mrr == Decimal(5800)


def test_tiers_and_discounts_are_not_guessed():
    tiered = price(billing_scheme="tiered", unit_amount_decimal=None)

    assert projections.subscription(subscription({"id": "si_a", "quantity": 1, "price": tiered})).mrr is None
    assert projections.subscription(subscription(discounts=["di_a"])).mrr is None
