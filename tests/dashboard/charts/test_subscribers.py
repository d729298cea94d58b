from datetime import date

from plotly import graph_objects

from dashboard.charts.subscribers import subscribers_chart, subscribers_figure
from finances.metrics.subscribers import Month, Subscribers

PEOPLE = Subscribers((Month(date(2026, 10, 1), 1000, 58, 4, 31), Month(date(2026, 11, 1), 1031, 0, 0, 0)))


def address(kind: str, month: date) -> str:
    return f"/customers?{kind}={month:%Y-%m}"


def test_it_is_a_figure_that_plotly_takes():
    graph_objects.Figure(subscribers_figure(PEOPLE, address))


def test_gains_stand_above_zero_and_losses_below_each_leading_to_its_customers():
    new, returned, lost = subscribers_figure(PEOPLE, address)["data"]

    assert (new["y"], returned["y"], lost["y"]) == ([58, 0], [4, 0], [-31, 0])
    assert lost["customdata"][0] == "/customers?lost=2026-10"
    assert lost["text"][0] == "31 lost"


def test_the_table_ends_with_how_many_there_are():
    october = subscribers_chart(PEOPLE, address).rows[-1]

    assert [cell.text for cell in october.cells] == ["58", "4", "−31", "1,031"]
