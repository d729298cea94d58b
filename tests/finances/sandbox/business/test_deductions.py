"""Discounts and taxes on an invoice's lines: worked out by hand, then for whatever comes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from finances.sandbox.business.deductions import Applied, discounted, taxed, totals
from finances.sandbox.engine.store import Object
from finances.sandbox.objects import billing
from finances.sandbox.objects.catalogue import price
from finances.sandbox.objects.discounts import coupon
from finances.sandbox.objects.taxes import tax_rate


def line(amount: int, item: str = "si_1", product: str = "prod_1", currency: str = "usd") -> Object:
    sold = price("price_1", 0, product, currency, amount, "month")
    made = billing.line("il_1", "in_1", currency, amount, "", 1, (0, 1))
    return {**made, **billing.of_item(billing.subscription_item(item, 0, "sub_1", sold, 1), str(amount))}


def percent(off: float, products: list[str] | None = None) -> Object:
    return coupon("P", 0, "", "forever", percent_off=off, products=products)


def amount(**amounts_off: int) -> Object:
    return coupon("A", 0, "", "forever", amounts_off=amounts_off)


def rate(percentage: float, inclusive: bool = False, name: str = "txr_1") -> Object:
    return tax_rate(name, 0, "VAT", percentage, inclusive, "GB", "vat")


def off(lines: list[Object]) -> list[int]:
    return [sum(each["amount"] for each in one["discount_amounts"]) for one in lines]


def test_a_percentage_takes_its_part_of_every_line() -> None:
    found = discounted([line(4_900), line(2_950)], [Applied("di_1", percent(10))], "usd")

    assert off(found) == [490, 295]
    assert found[0]["discount_amounts"] == [{"amount": 490, "discount": "di_1"}]
    assert totals(found)["total"] == 7_065


def test_an_amount_is_taken_off_the_invoice_and_shared_by_the_lines() -> None:
    # 500 of 14,700 + 2,950: 416.43 and 83.57, and the larger remainder gets the odd cent
    found = discounted([line(14_700), line(2_950)], [Applied("di_1", amount(usd=500))], "usd")

    assert off(found) == [416, 84]


def test_an_amount_never_takes_more_than_there_is() -> None:
    found = discounted([line(300)], [Applied("di_1", amount(usd=500))], "usd")

    assert (off(found), totals(found)["total"]) == ([300], 0)


def test_an_items_discount_comes_before_the_subscriptions() -> None:
    # 10 % of 10,000 is 1,000; then 20 % of the 9,000 that are left
    stacked = [Applied("di_sub", percent(20)), Applied("di_item", percent(10), "si_1")]

    (found,) = discounted([line(10_000)], stacked, "usd")

    assert found["discount_amounts"] == [
        {"amount": 1_000, "discount": "di_item"},
        {"amount": 1_800, "discount": "di_sub"},
    ]
    assert found["discounts"] == ["di_item"]


def test_stacked_discounts_keep_their_order() -> None:
    first_amount = discounted([line(10_000)], [Applied("a", amount(usd=500)), Applied("p", percent(10))], "usd")
    first_percent = discounted([line(10_000)], [Applied("p", percent(10)), Applied("a", amount(usd=500))], "usd")

    assert totals(first_amount)["total"] == 8_550  # 10,000 - 500 = 9,500; - 950
    assert totals(first_percent)["total"] == 8_500  # 10,000 - 1,000 = 9,000; - 500


def test_a_coupon_for_some_products_leaves_the_others_alone() -> None:
    lines = [line(4_900, product="prod_pier"), line(2_950, "si_2", "prod_light")]

    assert off(discounted(lines, [Applied("di_1", percent(30, ["prod_pier"]))], "usd")) == [1_470, 0]


def test_an_amount_counts_in_the_currencies_that_it_names() -> None:
    def taken(currency: str) -> list[int]:
        return off(discounted([line(5_000, currency=currency)], [Applied("d", amount(usd=500, kwd=1_500))], currency))

    assert (taken("usd"), taken("kwd"), taken("jpy")) == ([500], [1_500], [0])


def test_what_is_given_back_is_not_discounted() -> None:
    credit = {**line(-2_000), "discountable": False}

    found = discounted([line(4_900), credit], [Applied("di_1", percent(10))], "usd")

    assert (off(found), totals(found)["total"]) == ([490, 0], 2_410)


def test_exclusive_tax_comes_on_top_of_what_the_discounts_left() -> None:
    # 14,700 less a quarter is 11,025; 20 % of it is 2,205
    found = taxed(discounted([line(14_700)], [Applied("di_1", percent(25))], "usd"), [rate(20)], {})
    whole = totals(found)

    assert (whole["subtotal"], whole["total_excluding_tax"], whole["total"]) == (14_700, 11_025, 13_230)
    assert [(each["amount"], each["taxable_amount"]) for each in whole["total_taxes"]] == [(2_205, 11_025)]


def test_inclusive_tax_is_inside_the_price() -> None:
    # 2,800 yen at 10 %: 2,800 x 10 / 110 = 254.5, so 255 of tax in it
    whole = totals(taxed([line(2_800, currency="jpy")], [rate(10, inclusive=True)], {}))

    assert (whole["subtotal"], whole["total"], whole["total_excluding_tax"]) == (2_800, 2_800, 2_545)
    assert whole["subtotal_excluding_tax"] == 2_545
    assert whole["total_taxes"][0]["taxable_amount"] == 2_545


def test_two_rates_stand_side_by_side() -> None:
    # Quebec: 5 % and 9.975 % of 49.00 are 2.45 and 4.88775
    whole = totals(taxed([line(4_900)], [rate(5, name="gst"), rate(9.975, name="qst")], {}))

    assert [each["amount"] for each in whole["total_taxes"]] == [245, 489]
    assert whole["total"] == 5_634


def test_an_items_own_rate_stands_instead() -> None:
    found = taxed([line(1_000), line(1_000, "si_2")], [rate(20)], {"si_2": [rate(5, name="reduced")]})

    assert [one["taxes"][0]["amount"] for one in found] == [200, 50]


amounts = st.lists(st.integers(-50_000, 500_000), min_size=1, max_size=8)
coupons = st.lists(
    st.one_of(
        st.integers(1, 400).map(lambda quarter: percent(quarter / 4)),
        st.integers(1, 90_000).map(lambda off: amount(usd=off)),
    ),
    max_size=4,
)
rates = st.lists(st.tuples(st.sampled_from((5, 8.25, 9.975, 19, 25.5)), st.booleans()), max_size=3)


@given(amounts, coupons, rates)
def test_whatever_the_lines_an_invoice_adds_up(amounts: list[int], coupons: list[Object], rates: list) -> None:
    lines = [{**line(each, f"si_{n}"), "discountable": each > 0} for n, each in enumerate(amounts)]
    charged = [rate(percentage, inclusive, f"txr_{n}") for n, (percentage, inclusive) in enumerate(rates)]

    found = taxed(discounted(lines, [Applied(f"di_{n}", each) for n, each in enumerate(coupons)], "usd"), charged, {})
    whole = totals(found)

    taken = sum(each["amount"] for each in whole["total_discount_amounts"])
    on_top = sum(each["amount"] for each in whole["total_taxes"] if each["tax_behavior"] == "exclusive")
    assert whole["subtotal"] == sum(amounts)
    assert whole["total"] == whole["subtotal"] - taken + on_top
    assert whole["total_excluding_tax"] == whole["total"] - sum(each["amount"] for each in whole["total_taxes"])
    assert taken == sum(off(found))
    assert all(0 <= taken <= max(one["amount"], 0) for one, taken in zip(found, off(found), strict=True))
    assert sum(each["amount"] for each in whole["total_taxes"]) == sum(
        each["amount"] for one in found for each in one["taxes"]
    )
