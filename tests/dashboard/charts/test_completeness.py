"""Completeness as a heat map and as a table."""

from datetime import UTC, date, datetime

from plotly import graph_objects

from dashboard.charts.completeness import MONTHS, completeness_chart
from dashboard.tables.completeness import wrong_in_words
from finances.periods import add_months
from finances.reads.completeness import Month, OfType

READ = datetime(2026, 11, 20, tzinfo=UTC)
AUGUST, OCTOBER, NOVEMBER = date(2026, 8, 1), date(2026, 10, 1), date(2026, 11, 1)


def read(first: date, here: int, listed: int) -> Month:
    return Month(first, here, listed=listed, verified_at=READ)


FOUND = [
    OfType("invoice", [read(NOVEMBER, 1200, 1203), read(OCTOBER, 30, 30)]),
    OfType("dispute", [Month(AUGUST, 2)]),
    OfType("payout", []),
]


def chart(found=FOUND):
    return completeness_chart(found, wrong_in_words, lambda kind, month, wrong: f"/{kind}/{month}/{wrong}")


def trace(name: str) -> dict:
    return next(each for each in chart().figure["data"] if each["name"] == name)


def test_it_is_a_figure_that_plotly_takes_of_traces_that_the_basic_build_has():
    graph_objects.Figure(chart().figure)
    assert {each["type"] for each in chart().figure["data"]} == {"bar"}


def test_each_month_of_a_type_is_one_cell_in_its_column():
    whole, unread, wrong = (trace(name) for name in ("All here", "Never read whole", "Missing or too many"))

    assert (whole["y"], whole["base"], whole["x"]) == (["Invoices"], [2], [1])
    assert (unread["y"], unread["base"]) == (["Disputes"], [0])
    assert (wrong["base"], wrong["text"]) == ([3], ["3"])
    assert wrong["hovertext"] == ["Nov 2026: 1,200 here, 3 missing"]
    assert chart().figure["layout"]["xaxis"]["range"] == [0, 4]


def test_a_cell_leads_to_what_can_be_done_about_it():
    assert trace("Missing or too many")["customdata"] == ["/invoice/2026-11-01/True"]
    assert trace("All here")["customdata"] == ["/invoice/2026-10-01/False"]


def test_more_objects_are_a_stronger_colour():
    assert trace("All here")["marker"]["opacity"][0] < 1
    assert trace("Missing or too many")["marker"]["opacity"] == [1]


def test_the_table_has_the_same_numbers_newest_month_first():
    shown = chart()

    assert shown.heads == ["Type", "Nov 2026", "Oct 2026", "Sep 2026", "Aug 2026"]
    assert [(row.label, [cell.text for cell in row.cells]) for row in shown.rows] == [
        ("Invoices", ["1,200, 3 wrong", "30", "–", "–"]),
        ("Disputes", ["–", "–", "–", "2?"]),
    ]
    assert shown.rows[0].cells[0].address == "/invoice/2026-11-01/True"
    assert [key.words for key in shown.legend] == ["All here", "Never read whole", "Missing or too many"]


def test_what_is_older_than_two_years_stands_in_one_column():
    months = [read(add_months(NOVEMBER, -back), 10, 10) for back in range(MONTHS + 12)]

    shown = chart([OfType("invoice", months)])

    assert len(shown.heads) == 1 + MONTHS + 1
    assert shown.heads[-1] == "Earlier"
    assert (shown.rows[0].cells[-1].text, shown.rows[0].cells[-1].address) == ("120", "")


def test_nothing_yet_is_said():
    assert chart([OfType("invoice", [])]).empty
