from plotly import graph_objects

from dashboard.charts.receivables import receivables_chart, receivables_figure
from dashboard.tables.receivables import names
from finances.metrics.aging import Aged, Receivables

KUWAIT = Receivables("kwd", (Aged(10**18 + 1, 2), Aged(189750, 1), Aged(), Aged(), Aged(), Aged(63250, 1)), Aged(), 0)


def address(key: str) -> str:
    return f"/list?age={key}"


def test_it_is_a_figure_that_plotly_takes():
    graph_objects.Figure(receivables_figure(KUWAIT, names(), address))


def test_values_are_exact_and_each_bar_leads_to_its_list():
    not_due, late = receivables_figure(KUWAIT, names(), address)["data"]

    assert (not_due["x"], not_due["y"]) == (["Not yet due"], ["1000000000000000.001"])
    assert late["y"] == ["189.750", "0.000", "0.000", "0.000", "63.250"]
    assert late["text"][0] == "189.750 KWD"
    assert [*not_due["customdata"], *late["customdata"]] == [
        f"/list?age={key}" for key in ("not-due", "1-30", "31-60", "61-90", "91-120", "over-120")
    ]


def test_the_table_holds_the_same_numbers():
    chart = receivables_chart(KUWAIT, names(), address)

    assert [row.label for row in chart.rows] == list(names().values())
    assert [cell.text for cell in chart.rows[-1].cells] == ["63.250", "1"]
    assert chart.rows[-1].cells[0].address == "/list?age=over-120"


def test_without_anything_open_it_is_empty():
    assert receivables_chart(Receivables("eur", (Aged(),) * 6, Aged(7, 1), 0), names(), address).empty
