"""Revenue by month: bars, each of which leads to the invoices behind it, and a line for what is left after refunds."""

from collections.abc import Callable
from datetime import date
from typing import Any

from dashboard.charts.chart import Chart, Key, Row, amount, count, hover, value
from finances.metrics.revenue import Revenue

RECIPE = (
    "What was paid on paid invoices, by the month in which they were paid. Less refunds: the refunds made in that "
    "month are taken off, whenever the payment was. Disputes and fees are in neither. It is money by its day, not "
    "recognised revenue."
)


def revenue_chart(one: Revenue, address: Callable[[date], str]) -> Chart:
    rows = [
        Row(
            f"{month.first:%B %Y}",
            [
                amount(month.amount_paid, one.currency, address(month.first)),
                count(month.invoices),
                amount(month.refunded, one.currency),
                amount(month.net, one.currency),
            ],
        )
        for month in reversed(one.months)
    ]
    return Chart(
        id="revenue",
        title="Revenue by month",
        about=f"{one.currency.upper()}, by the day of payment, this month so far",
        recipe=RECIPE,
        figure=revenue_figure(one, address),
        heads=["Month", "Paid", "Invoices", "Refunded", "Less refunds"],
        rows=rows,
        legend=(Key(1, "Paid"), Key(4, "Less refunds", dashed=True)),
    )


def revenue_figure(one: Revenue, address: Callable[[date], str]) -> dict[str, Any]:
    """Without colours: `meta.k` names the token that the page draws it in."""
    months, currency = [f"{month.first:%b}" for month in one], one.currency
    addresses = [address(month.first) for month in one]
    return {
        "data": [
            {
                "type": "bar",
                "meta": {"k": 1},
                "x": months,
                "y": [value(month.amount_paid, currency) for month in one],
                "text": [hover(amount(month.amount_paid, currency)) for month in one],
                "customdata": addresses,
                "textposition": "none",
                "hovertemplate": "%{text}<extra></extra>",
            },
            {
                "type": "scatter",
                "mode": "lines",
                "meta": {"k": 4, "dash": "dash"},
                "x": months,
                "y": [value(month.net, currency) for month in one],
                "text": [hover(amount(month.net, currency)) for month in one],
                "customdata": addresses,
                "hovertemplate": "%{text} less refunds<extra></extra>",
            },
        ],
        "layout": {"yaxis": {"type": "linear", "rangemode": "tozero", "tickformat": ",~r"}},
    }
