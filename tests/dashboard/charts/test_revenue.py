from datetime import date

from plotly import graph_objects

from dashboard.charts.revenue import revenue_figure
from finances.metrics.revenue import Month, Revenue

KUWAIT = Revenue("kwd", (Month(date(2026, 10, 1), 10**18 + 1, 2), Month(date(2026, 11, 1), 0, 0)))


def test_it_is_a_figure_that_plotly_takes():
    graph_objects.Figure(revenue_figure(KUWAIT, lambda month: "/list"))


def test_values_are_exact_and_each_bar_leads_to_its_list():
    (bars,) = revenue_figure(KUWAIT, lambda month: f"/list?paid={month:%Y-%m}")["data"]

    assert bars["x"] == ["Oct", "Nov"]
    assert bars["y"] == ["1000000000000000.001", "0.000"]
    assert bars["text"][1] == "0.000 KWD"
    assert bars["customdata"] == ["/list?paid=2026-10", "/list?paid=2026-11"]
