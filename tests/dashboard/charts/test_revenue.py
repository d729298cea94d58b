from datetime import date

from plotly import graph_objects

from dashboard.charts.revenue import revenue_chart, revenue_figure
from finances.metrics.revenue import Month, Revenue

KUWAIT = Revenue("kwd", (Month(date(2026, 10, 1), 10**18 + 1, 2, 1001), Month(date(2026, 11, 1), 0, 0)))


def address(month: date) -> str:
    return f"/list?paid={month:%Y-%m}"


def test_it_is_a_figure_that_plotly_takes():
    graph_objects.Figure(revenue_figure(KUWAIT, address))


def test_values_are_exact_and_each_bar_leads_to_its_list():
    bars, _ = revenue_figure(KUWAIT, address)["data"]

    assert bars["x"] == ["Oct", "Nov"]
    assert bars["y"] == ["1000000000000000.001", "0.000"]
    assert bars["text"][1] == "0.000 KWD"
    assert bars["customdata"] == ["/list?paid=2026-10", "/list?paid=2026-11"]


def test_what_is_left_after_refunds_is_a_dashed_line():
    _, line = revenue_figure(KUWAIT, address)["data"]

    assert line["meta"]["dash"] == "dash"
    assert line["y"] == ["999999999999999.000", "0.000"]


def test_the_table_holds_the_same_numbers_newest_month_first():
    newest, oldest = revenue_chart(KUWAIT, address).rows

    assert newest.label == "November 2026"
    assert [cell.text for cell in oldest.cells] == [
        "1,000,000,000,000,000.001",
        "2",
        "1.001",
        "999,999,999,999,999.000",
    ]
    assert oldest.cells[0].address == "/list?paid=2026-10"
