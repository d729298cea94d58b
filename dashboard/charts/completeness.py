"""Completeness as a heat map, types by months of creation, each cell of which leads to a resync or a comparison of it.

Bars of one month's length side by side: Plotly's basic build has no heat map, and unlike markers they fill their cells
at any width. What is missing stands in its cell as a number, so that colour says nothing alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import log1p
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.charts.chart import Cell, Chart, Key, Row, short_month
from dashboard.formatting import EN_DASH, things, whole_number
from finances.periods import add_months
from finances.reads.completeness import Month, OfType

MONTHS = 24
"""Columns of months; what is older stands in one more before them."""
EARLIER = gettext_lazy("Earlier")
RECIPE = gettext_lazy(
    "By month of creation in UTC. What Stripe listed when the whole of a month was last read, by a resync or a "
    "comparison, against what is here now; objects that were created since then are not expected in it. A stronger "
    "colour means more objects."
)
WHOLE, UNREAD, WRONG = "whole", "unread", "wrong"
COLOURS = {WHOLE: 2, UNREAD: 6, WRONG: 5}
STATES = {
    WHOLE: gettext_lazy("All here"),
    UNREAD: gettext_lazy("Never read whole"),
    WRONG: gettext_lazy("Missing or too many"),
}
FAINTEST = 0.35

Address = Callable[[str, date, bool], str]
"""Of a type and month, and whether something is wrong with it."""
Words = Callable[[Month], list[str]]
"""What is wrong with a month, a phrase each."""


@dataclass(frozen=True)
class Square:
    """One cell. `column`: from the left. `here`: objects; `wrong`: how many are missing or too many."""

    type: str
    column: int
    state: str
    here: int
    wrong: int
    words: str
    address: str


def completeness_chart(found: Sequence[OfType], words: Words, address: Address) -> Chart:
    columns = columns_of(found)
    squares = [square for of in found for square in _squares(of, columns, words, address)]
    types = [of.type for of in found if any(square.type == of.type for square in squares)]
    at = {(square.type, square.column): square for square in squares}
    newest_first = list(reversed(range(len(columns))))
    used = {square.state for square in squares}
    return Chart(
        id="completeness-months",
        title=_("By month of creation"),
        about=_("types by months, here against Stripe’s lists"),
        recipe=RECIPE,
        figure=completeness_figure(squares, types, columns),
        heads=[_("Type"), *(_label(columns[column]) for column in newest_first)],
        rows=[
            Row(
                capfirst(things(type_name)),
                [_cell(at.get((type_name, column))) for column in newest_first],
            )
            for type_name in types
        ],
        legend=tuple(Key(k, STATES[state]) for state, k in COLOURS.items() if state in used),
        none=_("Nothing was read from Stripe yet."),
    )


def columns_of(found: Sequence[OfType]) -> list[date | None]:
    """The months, oldest first, without a gap; None before them for everything that is older."""
    known = [month.first for of in found for month in of.months]
    if not known:
        return []
    first, last = min(known), max(known)
    start = max(first, add_months(last, 1 - MONTHS))
    months: list[date | None] = [None] if first < start else []
    while start <= last:
        months.append(start)
        start = add_months(start, 1)
    return months


def _squares(of: OfType, columns: Sequence[date | None], words: Words, address: Address) -> list[Square]:
    by_column: dict[int, list[Month]] = {}
    for month in of.months:
        column = columns.index(month.first) if month.first in columns else 0
        if month.here or month.listed or month.wrong:
            by_column.setdefault(column, []).append(month)
    return [_square(of.type, column, months, words, address) for column, months in by_column.items()]


def _square(type_name: str, column: int, months: Sequence[Month], words: Words, address: Address) -> Square:
    here = sum(month.here for month in months)
    wrong = sum(month.wrong for month in months)
    unread = any(not month.verified_at for month in months)
    if wrong:
        of_it = "; ".join(phrase for month in months for phrase in words(month))
        few = ngettext("%(objects)s missing or too many", "%(objects)s missing or too many", wrong)
        said = of_it if len(months) == 1 else few % {"objects": whole_number(wrong)}
    else:
        said = _("never read whole") if unread else _("all that Stripe listed")
    return Square(
        type=type_name,
        column=column,
        state=WRONG if wrong else UNREAD if unread else WHOLE,
        here=here,
        wrong=wrong,
        words=_("%(objects)s here, %(said)s") % {"objects": whole_number(here), "said": said},
        address=address(type_name, months[0].first, bool(wrong)) if len(months) == 1 else "",
    )


def _label(month: date | None) -> str:
    return f"{short_month(month)} {month.year}" if month else str(EARLIER)


def _cell(square: Square | None) -> Cell:
    """`812`, `812, 3 wrong`, `812?` where nobody has counted, or a dash."""
    if square is None:
        return Cell(EN_DASH)
    here = whole_number(square.here)
    if square.state == WRONG:
        here = _("%(objects)s, %(wrong)s wrong") % {"objects": here, "wrong": whole_number(square.wrong)}
    return Cell(f"{here}?" if square.state == UNREAD else here, "", square.address)


def completeness_figure(
    squares: Sequence[Square], types: Sequence[str], columns: Sequence[date | None]
) -> dict[str, Any]:
    """Without colours: `meta.k` names the token that the page draws a trace in, `meta.ink` the one of its numbers."""
    most = {type_name: max(each.here for each in squares if each.type == type_name) for type_name in types}

    def strength(square: Square) -> float:
        share = log1p(square.here) / log1p(most[square.type]) if most[square.type] else 0
        return round(FAINTEST + (1 - FAINTEST) * share, 2)

    def trace(state: str) -> dict[str, Any]:
        of_state = [each for each in squares if each.state == state]
        return {
            "type": "bar",
            "orientation": "h",
            "name": str(STATES[state]),
            "meta": {"k": COLOURS[state], "ink": "bg"},
            "y": [capfirst(things(each.type)) for each in of_state],
            "base": [each.column for each in of_state],
            "x": [1] * len(of_state),
            "marker": {"opacity": [1 if state == WRONG else strength(each) for each in of_state]},
            "text": [whole_number(each.wrong) if state == WRONG else "" for each in of_state],
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textangle": 0,
            "hovertext": [f"{_label(columns[each.column])}: {each.words}" for each in of_state],
            "hovertemplate": "%{y}, %{hovertext}<extra></extra>",
            "customdata": [each.address for each in of_state],
        }

    every = max(1, -(-len(columns) // 12))
    named = range(len(columns) - 1, -1, -every)
    return {
        "data": [trace(state) for state in COLOURS if any(each.state == state for each in squares)],
        "layout": {
            "barmode": "overlay",
            "bargap": 0.12,
            "hovermode": "closest",
            "xaxis": {
                "type": "linear",
                "range": [0, len(columns)],
                "tickvals": [column + 0.5 for column in named],
                "ticktext": [
                    f"{short_month(month)}<br>{month.year}" if (month := columns[column]) else str(EARLIER)
                    for column in named
                ],
                "zeroline": False,
            },
            "yaxis": {
                "type": "category",
                "showgrid": False,
                "autorange": "reversed",
                "dtick": 1,
                "categoryorder": "array",
                "categoryarray": [capfirst(things(type_name)) for type_name in types],
            },
        },
    }
