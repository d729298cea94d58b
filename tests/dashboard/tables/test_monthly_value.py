from decimal import Decimal

import pytest

from dashboard.tables.monthly_value import agrees, has_discount, has_tax, months, steps
from finances.metrics.monthly_value import MonthlyValue, monthly_value

PRICE = {"id": "price_1", "currency": "eur", "recurring": {"interval": "year", "usage_type": "licensed"}}


def computed(price: dict, **subscription) -> MonthlyValue:
    item = {"id": "si_1", "quantity": 2, "price": PRICE | price}
    return monthly_value({"currency": "eur", "items": {"data": [item]}} | subscription)


def test_a_step_carries_the_products_name_and_what_was_divided_by() -> None:
    (step,) = steps(computed({"unit_amount": 12000}), {"si_1": "Business"})

    assert (step.product, step.value.gross, step.months, step.value.monthly) == (
        "Business", Decimal(24000), "12", Decimal(2000),
    )  # fmt: skip
    assert (step.why, step.computed) == ("", True)


@pytest.mark.parametrize(
    ("price", "why", "computed_at_all"),
    [
        ({"recurring": {"interval": "month", "usage_type": "metered"}}, "Billed by use: counts nothing", True),
        ({"recurring": None}, "Sold once: counts nothing", True),
        ({"unit_amount": 0}, "Free: a value of nothing, and still a subscriber", True),
        ({"unit_amount": None}, "Its price has no amount", False),
        ({"billing_scheme": "tiered"}, "Its tiers are not stored here yet; a resync of the price reads them", False),
    ],
)
def test_an_item_that_counts_nothing_or_cannot_be_computed_says_why(price, why: str, computed_at_all: bool) -> None:
    (step,) = steps(computed(price), {})

    assert (step.product, step.why, step.computed) == ("price_1", why, computed_at_all)


def test_columns_for_discounts_and_tax_are_there_only_where_something_is_in_them() -> None:
    plain = steps(computed({"unit_amount": 1000}), {})
    taxed = steps(computed({"unit_amount": 1190}, default_tax_rates=[{"inclusive": True, "percentage": 19}]), {})

    assert (has_discount(plain), has_tax(plain)) == (False, False)
    assert (has_discount(taxed), has_tax(taxed)) == (False, True)


@pytest.mark.parametrize(
    ("count", "digits"), [(Decimal(1), "1"), (Decimal(12) / 52, "0.2308"), (Decimal(24), "24"), (Decimal(0), "0")]
)
def test_months_have_four_digits_after_the_point_at_most(count: Decimal, digits: str) -> None:
    assert months(count) == digits


@pytest.mark.parametrize(
    ("total", "kept", "same"),
    [
        (Decimal(100) / 3, Decimal("33.333333"), True),
        (Decimal(100), Decimal(101), False),
        (None, None, True),
        (None, Decimal(1), False),
        (Decimal(1), None, False),
    ],
)
def test_what_is_kept_agrees_to_six_digits(total, kept, same: bool) -> None:
    assert agrees(MonthlyValue((), total), kept) is same
