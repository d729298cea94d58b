from decimal import Decimal

import pytest

from finances.money import decimals, major


@pytest.mark.parametrize(
    ("currency", "expected"), [("eur", 2), ("JPY", 0), ("kwd", 3), ("rsd", 2), ("isk", 2), ("xof", 0)]
)
def test_decimals_are_stripes_not_a_locale_librarys(currency, expected):
    assert decimals(currency) == expected


def test_major_units_are_exact():
    assert major(10**18 + 1, "eur") == Decimal("10000000000000000.01")
    assert str(major(0, "kwd")) == "0.000"
    assert str(major(-5, "jpy")) == "-5"
