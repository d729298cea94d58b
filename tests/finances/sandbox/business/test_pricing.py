"""What a price asks for a quantity, worked out by hand."""

from __future__ import annotations

import pytest

from finances.sandbox.business.goods import SPECIALS
from finances.sandbox.business.pricing import amount_of, money, pieces
from finances.sandbox.engine.store import Object
from finances.sandbox.objects.catalogue import price


def special(key: str, currency: str = "usd") -> Object:
    """As the catalogue has it."""
    found = next(each for each in SPECIALS if each.key == key)
    return price(
        "price_1",
        0,
        "prod_1",
        currency,
        found.amounts[currency] if found.amounts else None,
        found.interval,
        tiers=found.tiers[currency] if found.tiers else (),
        tiers_mode=found.tiers_mode,
        package=found.package,
        meter=found.meter,
    )


def per_seat(amount: int | str, currency: str = "usd") -> Object:
    return price("price_1", 0, "prod_1", currency, amount, "month")


def test_seats_multiply() -> None:
    (piece,) = pieces(per_seat(4_900), 3, "Pier")

    assert piece == (14_700, 3, "4900", "3 × Pier (at $49.00 / month)")


def test_graduated_tiers_are_a_line_each_and_the_flat_fee_another() -> None:
    # 10 at 15.00, 20.00 once, 40 at 12.00, 14 at 9.00: 150 + 20 + 480 + 126 = 776.00
    found = pieces(special("fleet"), 64, "Fleet")

    assert [(piece.quantity, piece.amount) for piece in found] == [(10, 15_000), (1, 2_000), (40, 48_000), (14, 12_600)]
    assert found[2].text == "40 × Fleet (Tier 2 at $12.00 / month)"
    assert found[1].text == "Fleet (Tier 1 flat fee $20.00 / month)"
    assert amount_of(special("fleet"), 64) == 77_600


@pytest.mark.parametrize(("seats", "amount"), [(10, 17_000), (11, 18_200), (50, 65_000), (51, 65_900)])
def test_a_graduated_tier_ends_with_its_last_seat(seats: int, amount: int) -> None:
    assert amount_of(special("fleet"), seats) == amount


@pytest.mark.parametrize(("seats", "amount"), [(25, 35_000), (26, 28_600), (100, 110_000), (101, 85_800)])
def test_volume_puts_every_seat_into_the_tier_that_all_of_them_reach(seats: int, amount: int) -> None:
    assert amount_of(special("armada"), seats) == amount


@pytest.mark.parametrize(("files", "amount"), [(0, 0), (1, 700), (100, 700), (101, 1_400), (250, 2_100)])
def test_a_package_begun_is_paid_whole_where_the_price_rounds_up(files: int, amount: int) -> None:
    assert amount_of(special("cargo"), files) == amount


@pytest.mark.parametrize(("seats", "amount"), [(4, 0), (5, 6_000), (23, 24_000)])
def test_a_package_begun_is_free_where_the_price_rounds_down(seats: int, amount: int) -> None:
    assert amount_of(special("crew"), seats) == amount


@pytest.mark.parametrize(("sites", "amount"), [(1, 13), (2, 25), (45, 563), (130, 1_625)])
def test_fractions_of_a_cent_are_rounded_once_for_the_whole_quantity(sites: int, amount: int) -> None:
    assert amount_of(special("buoy"), sites) == amount


def test_the_first_thousand_messages_are_free() -> None:
    # 9,000 at 1.5 cents and 2,000 at 0.9 cents: 13,500 + 1,800
    assert amount_of(special("signals"), 1_000) == 0
    assert amount_of(special("signals"), 12_000) == 15_300


def test_nothing_used_is_a_line_of_nothing() -> None:
    assert [piece.amount for piece in pieces(special("tide"), 0, "Tide")] == [0]
    assert [piece.amount for piece in pieces(special("signals"), 0, "Signals")] == [0]


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        ("4900", "usd", "$49.00"),
        ("123456", "eur", "€1,234.56"),
        ("2800", "jpy", "¥2,800"),
        ("15000", "kwd", "KWD 15.000"),
        ("0.45", "usd", "$0.0045"),
        ("12.5", "gbp", "£0.125"),
        ("0", "usd", "$0.00"),
    ],
)
def test_amounts_are_written_with_their_currencys_decimals(minor: str, currency: str, written: str) -> None:
    assert money(minor, currency) == written
