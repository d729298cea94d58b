from decimal import Decimal

import pytest

from finances.money import decimals, exact_major, major


@pytest.mark.parametrize(
    ("currency", "expected"), [("eur", 2), ("JPY", 0), ("kwd", 3), ("rsd", 2), ("isk", 2), ("xof", 0)]
)
def test_decimals_are_stripes_not_a_locale_librarys(currency, expected):
    assert decimals(currency) == expected


def test_major_units_are_exact():
    assert major(10**18 + 1, "eur") == Decimal("10000000000000000.01")
    assert str(major(0, "kwd")) == "0.000"
    assert str(major(-5, "jpy")) == "-5"


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        ("2900.000000000000", "eur", "29.00"),
        ("0.050000000000", "eur", "0.0005"),
        ("1200", "jpy", "1200"),
        ("0.5", "jpy", "0.5"),
        ("1", "kwd", "0.001"),
        ("0", "eur", "0.00"),
    ],
)
def test_a_price_keeps_its_fractions_of_a_minor_unit(minor, currency, shown):
    assert str(exact_major(Decimal(minor), currency)) == shown
