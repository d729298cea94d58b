"""What every chart of the console has: a Plotly figure, and the same numbers as a table."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from dashboard import formatting
from dashboard.formatting import MINUS, Text, digits
from finances import money


class Cell(NamedTuple):
    """`code`: a currency behind the digits, or none. `address`: the list behind the number, or none."""

    text: str
    code: str = ""
    address: str = ""


class Row(NamedTuple):
    label: str
    cells: list[Cell]


def month_name(month: date) -> str:
    """`November`."""
    return date_format(month, "F")


def month_and_year(month: date) -> str:
    """`November 2026`."""
    return date_format(month, "F Y")


def short_month(month: date) -> str:
    """`Nov`."""
    return formatting.short_month(month.month)


class Key(NamedTuple):
    """A line of the legend. `k`: the token that colours it."""

    k: int
    words: Text
    dashed: bool = False


NONE = _("None in these months.")


@dataclass(frozen=True)
class Chart:
    """`about`: a line below the title. `recipe`: how the numbers come about. `heads`: of the table's columns.

    `rows`: the figure's numbers, newest or largest first. `address`: where the title leads, or none. `none`: what
    stands in the place of a chart without rows.
    """

    id: str
    title: str
    about: str
    recipe: Text
    figure: dict[str, Any]
    heads: list[str]
    rows: list[Row]
    legend: tuple[Key, ...] = ()
    address: str = ""
    none: Text = NONE

    @property
    def empty(self) -> bool:
        return not self.rows


def amount(minor: Any, currency: str, address: str = "") -> Cell:
    return Cell(digits(minor, currency), currency.upper(), address)


def count(number: int, address: str = "") -> Cell:
    return Cell((MINUS if number < 0 else "") + f"{abs(number):,}", "", address)


def value(minor: Any, currency: str) -> str:
    """A number for Plotly: a decimal text, which it reads on a linear axis. A float would round large amounts."""
    return str(money.major(minor, currency))


def hover(cell: Cell) -> str:
    return f"{cell.text} {cell.code}".strip()
