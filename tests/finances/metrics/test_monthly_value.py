"""Each rule of a subscription's monthly value, with a case computed by hand."""

from decimal import Decimal
from typing import Any

import pytest

from finances.metrics.monthly_value import monthly_value

Json = dict[str, Any]


def price(id: str = "price_a", unit_amount: Any = 2900, interval: str = "month", **fields: Any) -> Json:
    recurring = {"interval": interval, "interval_count": 1, "usage_type": "licensed"} | fields.pop("recurring", {})
    held = {"id": id, "currency": "eur", "billing_scheme": "per_unit", "product": f"prod_of_{id}"}
    return (
        held
        | {"unit_amount_decimal": None if unit_amount is None else str(unit_amount), "recurring": recurring}
        | fields
    )


def item(held: Json, quantity: Any = 1, **fields: Any) -> Json:
    return {"id": f"si_of_{held['id']}", "price": held, "quantity": quantity} | fields


def subscription(*items: Json, **fields: Any) -> Json:
    return {"id": "sub_a", "currency": "eur", "items": {"data": list(items), "has_more": False}} | fields


def coupon(id: str = "FRIENDS", duration: str = "forever", **fields: Any) -> Json:
    return {"id": id, "duration": duration, "percent_off": None, "amount_off": None, "currency": None} | fields


def discount(coupon_id: str = "FRIENDS", end: int | None = None) -> Json:
    return {"id": f"di_{coupon_id}", "source": {"coupon": coupon_id, "type": "coupon"}, "end": end}


def total(*arguments: Any) -> Decimal | None:
    value = monthly_value(*arguments).total
    return None if value is None else value.quantize(Decimal("0.0001"))


def test_a_monthly_price_counts_as_it_is_times_its_quantity():
    assert total(subscription(item(price(), quantity=3))) == 8700


def test_a_yearly_price_counts_a_twelfth():
    assert total(subscription(item(price(unit_amount=36_000, interval="year")))) == 3000


def test_a_weekly_price_counts_52_times_a_year():
    assert total(subscription(item(price(unit_amount=1200, interval="week")))) == 5200


def test_a_daily_price_counts_365_times_a_year():
    assert total(subscription(item(price(unit_amount=120, interval="day")))) == 3650


def test_a_price_for_three_months_counts_a_third():
    assert total(subscription(item(price(unit_amount=9000, recurring={"interval_count": 3})))) == 3000


def test_a_price_for_two_weeks_counts_26_times_a_year():
    assert total(subscription(item(price(unit_amount=1200, interval="week", recurring={"interval_count": 2})))) == 2600


def test_fractions_of_a_minor_unit_are_kept():
    assert total(subscription(item(price(unit_amount="0.05"), quantity=1001))) == Decimal("50.05")


def test_items_are_added():
    assert total(subscription(item(price()), item(price("price_b", 1100)))) == 4000


def test_metered_and_one_time_items_count_nothing_and_say_so():
    metered = item(price("price_m", recurring={"usage_type": "metered"}), quantity=None)
    once = item(price("price_o") | {"recurring": None})

    value = monthly_value(subscription(item(price()), metered, once))

    assert value.total == 2900
    assert [each.why for each in value.items] == ["", "metered", "one_time"]


def test_a_free_price_counts_nothing_and_is_known():
    value = monthly_value(subscription(item(price(unit_amount=0))))

    assert (value.total, value.gap, value.items[0].why) == (0, "", "free")


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [(0, 500), (1, 1500), (5, 5500), (6, 7300), (20, 18_500), (21, 19_000)],
    ids=["none", "first tier", "its end", "second tier", "its end too", "the last"],
)
def test_graduated_tiers_charge_each_unit_at_its_own_tier(quantity: int, expected: int):
    tiers = [
        {"up_to": 5, "unit_amount_decimal": "1000", "flat_amount_decimal": "500"},
        {"up_to": 20, "unit_amount_decimal": "800", "flat_amount_decimal": "1000"},
        {"up_to": None, "unit_amount_decimal": "500", "flat_amount_decimal": None},
    ]
    tiered = price(unit_amount=None, billing_scheme="tiered", tiers_mode="graduated")

    assert total(subscription(item(tiered, quantity)), {"price_a": tiered | {"tiers": tiers}}) == expected


@pytest.mark.parametrize(("quantity", "expected"), [(5, 5500), (6, 5800), (20, 17_000), (21, 10_500)])
def test_volume_tiers_charge_all_units_at_the_tier_of_the_whole(quantity: int, expected: int):
    tiers = [
        {"up_to": 5, "unit_amount_decimal": "1000", "flat_amount_decimal": "500"},
        {"up_to": 20, "unit_amount_decimal": "800", "flat_amount_decimal": "1000"},
        {"up_to": None, "unit_amount_decimal": "500", "flat_amount_decimal": None},
    ]
    tiered = price(unit_amount=None, billing_scheme="tiered", tiers_mode="volume")

    assert total(subscription(item(tiered, quantity)), {"price_a": tiered | {"tiers": tiers}}) == expected


def test_tiers_that_are_not_known_are_not_guessed():
    value = monthly_value(subscription(item(price(unit_amount=None, billing_scheme="tiered")), item(price("price_b"))))

    assert (value.total, value.gap) == (None, "tiers_unknown")


@pytest.mark.parametrize(("rounding", "expected"), [("up", 3000), ("down", 2000)])
def test_packages_divide_the_quantity_and_round_as_the_price_says(rounding: str, expected: int):
    packaged = price(unit_amount=1000, transform_quantity={"divide_by": 10, "round": rounding})

    assert total(subscription(item(packaged, quantity=25))) == expected


def test_a_forever_percentage_is_taken_off():
    coupons = {"FRIENDS": coupon(percent_off=25)}

    assert total(subscription(item(price(unit_amount=4000)), discounts=[discount()]), {}, coupons) == 3000


@pytest.mark.parametrize("duration", ["once", "repeating"])
def test_a_coupon_that_ends_is_not_taken_off(duration: str):
    coupons = {"FRIENDS": coupon(duration=duration, percent_off=25)}

    assert total(subscription(item(price(unit_amount=4000)), discounts=[discount()]), {}, coupons) == 4000


def test_a_discount_with_an_end_is_not_taken_off():
    coupons = {"FRIENDS": coupon(percent_off=25)}

    assert total(subscription(item(price(unit_amount=4000)), discounts=[discount(end=1)]), {}, coupons) == 4000


def test_a_full_discount_leaves_a_subscriber_worth_nothing():
    coupons = {"FRIENDS": coupon(percent_off=100)}
    value = monthly_value(subscription(item(price()), discounts=[discount()]), {}, coupons)

    assert (value.total, value.gap) == (0, "")


def test_an_amount_is_taken_off_once_an_invoice_so_a_year_of_it_counts_a_twelfth():
    coupons = {"FRIENDS": coupon(amount_off=6000, currency="eur")}
    yearly = item(price(unit_amount=36_000, interval="year"))

    assert total(subscription(yearly, discounts=[discount()]), {}, coupons) == 2500


def test_an_amount_never_takes_off_more_than_there_is():
    coupons = {"FRIENDS": coupon(amount_off=9000, currency="eur")}

    assert total(subscription(item(price()), discounts=[discount()]), {}, coupons) == 0


def test_an_amount_in_another_currency_is_taken_from_its_options_or_not_guessed():
    dollars = coupon(amount_off=500, currency="usd")
    with_euros = dollars | {"currency_options": {"eur": {"amount_off": 400}}}
    discounted = subscription(item(price()), discounts=[discount()])

    assert total(discounted, {}, {"FRIENDS": with_euros}) == 2500
    assert monthly_value(discounted, {}, {"FRIENDS": dollars}).gap == "coupon_currency"


def test_several_discounts_stack_in_their_order():
    coupons = {"A": coupon("A", percent_off=50), "B": coupon("B", amount_off=500, currency="eur")}
    goods = item(price(unit_amount=4000))

    assert total(subscription(goods, discounts=[discount("A"), discount("B")]), {}, coupons) == 1500
    assert total(subscription(goods, discounts=[discount("B"), discount("A")]), {}, coupons) == 1750


def test_an_items_own_discount_comes_before_the_subscriptions():
    coupons = {"A": coupon("A", percent_off=50), "B": coupon("B", amount_off=500, currency="eur")}
    goods = item(price(unit_amount=4000), discounts=[discount("B")])

    assert total(subscription(goods, discounts=[discount("A")]), {}, coupons) == 1750


def test_a_coupon_lowers_only_the_products_that_it_applies_to():
    coupons = {"FRIENDS": coupon(percent_off=50, applies_to={"products": ["prod_of_price_b"]})}
    goods = (item(price(unit_amount=4000)), item(price("price_b", 1000)))

    assert total(subscription(*goods, discounts=[discount()]), {}, coupons) == 4500


def test_an_amount_is_shared_by_items_in_proportion_to_their_price():
    coupons = {"FRIENDS": coupon(amount_off=1000, currency="eur")}
    goods = (item(price(unit_amount=4000)), item(price("price_b", 1000)))

    value = monthly_value(subscription(*goods, discounts=[discount()]), {}, coupons)

    assert [each.discount for each in value.items] == [800, 200]
    assert value.total == 4000


def test_an_amount_off_items_of_different_intervals_is_not_guessed():
    coupons = {"FRIENDS": coupon(amount_off=1000, currency="eur")}
    goods = (item(price()), item(price("price_y", 36_000, "year")))

    assert monthly_value(subscription(*goods, discounts=[discount()]), {}, coupons).gap == "mixed_intervals"


def test_a_customers_discount_counts_where_the_subscription_has_none():
    coupons = {"A": coupon("A", percent_off=50), "B": coupon("B", percent_off=10)}
    goods = item(price(unit_amount=4000))

    assert total(subscription(goods), {}, coupons, discount("A")) == 2000
    assert total(subscription(goods, discounts=[discount("B")]), {}, coupons, discount("A")) == 3600


@pytest.mark.parametrize("held", [["di_only_an_id"], [discount("UNHEARD_OF")]])
def test_a_coupon_that_is_not_known_is_not_guessed(held: list[Any]):
    value = monthly_value(subscription(item(price()), discounts=held))

    assert (value.total, value.gap) == (None, "coupon_unknown")


def test_a_coupon_that_was_made_anew_under_the_same_id_is_not_guessed():
    coupons = {"FRIENDS": coupon(percent_off=50, created=2_000)}
    older, newer = discount() | {"start": 1_999}, discount() | {"start": 2_000}

    assert monthly_value(subscription(item(price()), discounts=[older]), {}, coupons).gap == "coupon_unknown"
    assert total(subscription(item(price()), discounts=[newer]), {}, coupons) == 1450


def test_a_coupon_in_the_old_place_counts():
    held = {"id": "di_old", "coupon": coupon(percent_off=50), "end": None}

    assert total(subscription(item(price(unit_amount=4000)), discount=held)) == 2000


def test_tax_that_the_price_includes_is_taken_out():
    rates = [{"id": "txr_a", "inclusive": True, "percentage": 19}]

    assert total(subscription(item(price(unit_amount=11_900)), default_tax_rates=rates)) == 10_000
    assert total(subscription(item(price(unit_amount=11_900), tax_rates=rates))) == 10_000


def test_tax_that_is_added_is_not_in_the_price():
    rates = [{"id": "txr_a", "inclusive": False, "percentage": 19}]

    assert total(subscription(item(price(unit_amount=10_000)), default_tax_rates=rates)) == 10_000


def test_tax_that_stripe_works_out_is_flagged_where_the_price_includes_it():
    inclusive = item(price(tax_behavior="inclusive"))

    assert monthly_value(subscription(inclusive, automatic_tax={"enabled": True})).gap == "tax_unknown"
    assert total(subscription(item(price(tax_behavior="exclusive")), automatic_tax={"enabled": True})) == 2900


def test_discount_and_tax_come_before_the_division_by_months():
    coupons = {"FRIENDS": coupon(percent_off=50)}
    rates = [{"id": "txr_a", "inclusive": True, "percentage": 20}]
    yearly = item(price(unit_amount=28_800, interval="year"))

    (value,) = monthly_value(subscription(yearly, discounts=[discount()], default_tax_rates=rates), {}, coupons).items

    assert (value.gross, value.discount, value.months) == (28_800, 14_400, 12)
    assert value.tax.quantize(Decimal(1)) == 2400
    assert value.monthly.quantize(Decimal(1)) == 1000


def test_items_that_stripe_kept_back_are_not_guessed():
    held = subscription(item(price()))
    held["items"]["has_more"] = True

    assert monthly_value(held).gap == "more_items"


def test_a_price_without_an_amount_or_a_quantity_is_not_guessed():
    assert monthly_value(subscription(item(price(unit_amount=None)))).gap == "no_amount"
    assert monthly_value(subscription(item(price(), quantity=None))).gap == "no_quantity"


def test_a_price_in_another_currency_counts_what_its_options_say_or_is_not_guessed():
    dollars = price(unit_amount=2900, currency="usd")
    options = {"currency_options": {"eur": {"unit_amount": 2700, "unit_amount_decimal": "2700"}}}

    assert total(subscription(item(dollars, quantity=2)), {"price_a": dollars | options}) == 5400
    unknown = monthly_value(subscription(item(dollars)), {"price_a": dollars})
    assert (unknown.total, unknown.gap) == (None, "price_currency")


def test_tiers_in_another_currency_are_those_of_its_options_or_not_guessed():
    dollars = price(unit_amount=None, currency="usd", billing_scheme="tiered", tiers_mode="graduated")
    tiers = [{"up_to": None, "unit_amount_decimal": "90", "flat_amount_decimal": None}]
    stored = dollars | {"tiers": [tiers[0] | {"unit_amount_decimal": "100"}]}

    assert (
        total(subscription(item(dollars, 3)), {"price_a": stored | {"currency_options": {"eur": {"tiers": tiers}}}})
        == 270
    )
    options = {"currency_options": {"eur": {"unit_amount": None}}}
    assert monthly_value(subscription(item(dollars, 3)), {"price_a": stored | options}).gap == "tiers_unknown"


@pytest.mark.parametrize("mode", ["graduated", "volume"])
def test_a_quantity_above_the_last_tier_is_not_guessed(mode: str):
    tiers = [{"up_to": 5, "unit_amount_decimal": "100", "flat_amount_decimal": None}]
    held = price(unit_amount=None, billing_scheme="tiered", tiers_mode=mode)

    assert total(subscription(item(held, 5)), {"price_a": held | {"tiers": tiers}}) == 500
    assert monthly_value(subscription(item(held, 6)), {"price_a": held | {"tiers": tiers}}).gap == "beyond_tiers"


def test_an_item_without_a_price_is_not_taken_for_a_free_one():
    assert monthly_value(subscription({"id": "si_a", "price": None, "quantity": 1})).gap == "no_price"


def test_a_decimal_quantity_counts_with_its_fraction():
    assert total(subscription(item(price(unit_amount=1000), quantity=None, quantity_decimal="2.5"))) == 2500
