from decimal import Decimal

import pytest

from dashboard.prices import every, unit_price


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("3300", "eur", "33.00"),
        ("0.5", "eur", "0.005"),
        ("3300", "jpy", "3,300"),
        ("189750", "kwd", "189.750"),
        ("-2489", "eur", "−24.89"),
    ],
)
def test_a_unit_price_keeps_its_fractions_of_a_minor_unit(amount: str, currency: str, text: str) -> None:
    assert unit_price(Decimal(amount), currency) == text


def test_intervals_are_words() -> None:
    assert [every("year", 1), every("month", 3), every("", 1)] == ["a year", "every 3 months", "once"]
