from datetime import date
from decimal import Decimal

from plotly import graph_objects

from dashboard.charts.mrr import mrr_chart, mrr_figure
from finances.metrics.mrr import Point, Recurring

YEN = Recurring(
    "jpy",
    ((date(2026, 10, 1), Point(Decimal(9000), 3, 0)), (date(2026, 11, 1), Point(Decimal("12000.6"), 4, 1))),
    Point(Decimal(9500), 3, 0),
)


def address(month: date) -> str:
    return f"/subscriptions?since={month:%Y-%m}"


def test_it_is_a_figure_that_plotly_takes():
    graph_objects.Figure(mrr_figure(YEN, address))


def test_each_point_is_the_months_end_in_the_currencys_own_decimals_and_leads_to_its_list():
    (line,) = mrr_figure(YEN, address)["data"]

    assert line["y"] == ["9000", "12001"]
    assert line["text"] == ["9,000 JPY", "12,001 JPY"]
    assert line["customdata"] == ["/subscriptions?since=2026-10", "/subscriptions?since=2026-11"]


def test_the_table_says_how_many_have_no_value():
    newest = mrr_chart(YEN, address).rows[0]

    assert [cell.text for cell in newest.cells] == ["12,001", "4", "1"]
