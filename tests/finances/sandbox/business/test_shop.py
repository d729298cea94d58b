"""The catalogue in the books."""

from __future__ import annotations

from finances.sandbox.business.goods import CURRENCIES
from finances.sandbox.business.shop import PLANS
from tests.finances.sandbox.firm import Firm


def test_each_plan_is_sold_in_five_currencies_and_a_year_costs_ten_months() -> None:
    shop = Firm().business.shop

    for name in PLANS:
        for currency in CURRENCIES:
            month, year = (shop.price(name, currency, interval) for interval in ("month", "year"))
            assert (month["currency"], year["recurring"]["interval"]) == (currency, "year")
            assert year["unit_amount"] == 10 * month["unit_amount"]
            assert month["product"] == year["product"]
    assert shop.price("Pier", "kwd", "month")["unit_amount_decimal"] == "15000"  # 15 dinars of 1,000 fils


def test_lookup_keys_are_everybodys_own_and_every_product_has_a_price() -> None:
    firm = Firm()
    keys = [each["lookup_key"] for each in firm.store.of_type("price") if each["lookup_key"]]

    assert len(keys) == len(set(keys)) > 70
    for product in firm.store.of_type("product"):
        assert product["active"] is (product["default_price"] is not None)
        assert not product["active"] or firm.store[product["default_price"]]["product"] == product["id"]


def test_a_tiered_price_has_no_amount_of_its_own_and_ends_without_end() -> None:
    for price in Firm().store.of_type("price"):
        tiered = price["billing_scheme"] == "tiered"
        assert tiered is ("tiers" in price) is (price["tiers_mode"] is not None)
        if tiered:
            assert (price["unit_amount"], price["unit_amount_decimal"]) == (None, None)
            assert [tier["up_to"] is None for tier in price["tiers"]] == [*[False] * (len(price["tiers"]) - 1), True]


def test_fractions_of_a_minor_unit_are_only_in_the_decimal() -> None:
    buoy = Firm().business.shop.special("buoy", "usd")

    assert buoy is not None
    assert (buoy["unit_amount"], buoy["unit_amount_decimal"]) == (None, "12.5")


def test_plans_have_neighbours_of_the_same_currency_and_interval() -> None:
    shop = Firm().business.shop
    pier = shop.price("Pier", "gbp", "year")

    assert shop.neighbour(pier, 1) == shop.price("Harbour", "gbp", "year")
    assert shop.neighbour(pier, -1) == shop.price("Berth", "gbp", "year")
    assert shop.neighbour(shop.price("Harbour", "gbp", "year"), 1) is None
    assert shop.neighbour(shop.price("Lighthouse", "gbp", "month"), 1) is None
    assert shop.yearly(shop.price("Pier", "gbp", "month")) == pier
    assert shop.yearly(pier) is None
