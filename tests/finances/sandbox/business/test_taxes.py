"""Which rates are charged where, and what tax ids look like."""

from __future__ import annotations

import re

import pytest

from tests.finances.sandbox.firm import Firm


def place(country: str, state: str | None = None) -> dict:
    return {"country": country, "state": state}


@pytest.mark.parametrize(
    ("address", "percentages"),
    [
        (place("GB"), [20.0]),
        (place("FI"), [25.5]),
        (place("CA", "ON"), [5.0]),
        (place("CA", "QC"), [5.0, 9.975]),
        (place("US", "OR"), []),
        (place("US", "TX"), [8.25]),
        (place("KW"), []),
    ],
)
def test_each_place_has_its_rates(address: dict, percentages: list[float]) -> None:
    assert [rate["percentage"] for rate in Firm().business.taxes.rates_for(address)] == percentages


def test_some_countries_write_the_tax_into_the_price() -> None:
    taxes = Firm().business.taxes

    assert [rate["inclusive"] for rate in taxes.rates_for(place("JP"))] == [True]
    assert [rate["inclusive"] for rate in taxes.rates_for(place("GB"))] == [False]
    assert [rate["inclusive"] for rate in taxes.rates_for(place("GB"), inclusive=True)] == [True]
    assert taxes.rates_for(place("DE"), inclusive=True) == []


@pytest.mark.parametrize(
    ("country", "kind", "shape"),
    [
        ("DE", "eu_vat", r"DE\d{9}"),
        ("GB", "gb_vat", r"GB\d{9}"),
        ("JP", "jp_cn", r"\d{13}"),
        ("GR", "eu_vat", r"EL\d{9}"),
    ],
)
def test_tax_ids_are_written_as_their_country_does(country: str, kind: str, shape: str) -> None:
    firm = Firm()
    held = firm.join("Pier", country, tax_id=True)

    (tax_id,) = firm.store.of_type("tax_id", ("customer", held["customer"]))

    assert (tax_id["type"], tax_id["country"], tax_id["owner"]["customer"]) == (kind, country, held["customer"])
    assert re.fullmatch(shape, tax_id["value"])
    assert firm.invoices(held)[0]["customer_tax_ids"] == [{"type": kind, "value": tax_id["value"]}]


def test_where_none_is_kept_none_is_made() -> None:
    firm = Firm()

    firm.join("Pier", "KW", tax_id=True)

    assert not list(firm.store.of_type("tax_id"))
