import csv
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

import pytest

from dashboard.exports.cells import cell
from dashboard.exports.comma_separated import lines


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_text_that_would_begin_a_formula_is_text(beginning):
    assert cell(f"{beginning}cmd|' /C calc'!A0", UTC) == f"'{beginning}cmd|' /C calc'!A0"


@pytest.mark.parametrize("text", ["", "Ada", "a=b", "ada@analytical.example", "'quoted", " =1"])
def test_other_text_is_as_it_was(text):
    assert cell(text, UTC) == text


@pytest.mark.parametrize("number", [0, -5, 1200, Decimal("-12.50")])
def test_a_number_stays_a_number(number):
    assert cell(number, UTC) == number


def test_the_rest_has_one_form():
    assert [cell(each, UTC) for each in (None, True, False)] == ["", "yes", "no"]


def test_a_time_is_in_the_readers_zone_and_says_so():
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)

    assert cell(noon, UTC) == "2026-11-20T12:00:00+00:00"
    assert cell(noon, ZoneInfo("Europe/Berlin")) == "2026-11-20T13:00:00+01:00"


def test_text_is_in_quotes_whatever_separates_and_numbers_are_not():
    file = "".join(lines(["name", "amount"], [["Ada;=1+1", -5], ['a "b"\n', Decimal("1.50")]], UTC))

    assert file == '"name","amount"\r\n"Ada;=1+1",-5\r\n"a ""b""\n",1.50\r\n'
    assert list(csv.reader(StringIO(file, newline="")))[1] == ["Ada;=1+1", "-5"]
