"""Revenue by month: bars, each of which leads to the invoices behind it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from dashboard.formatting import digits
from finances import money
from finances.metrics.revenue import Revenue


def revenue_figure(revenue: Revenue, address: Callable[[date], str]) -> dict[str, Any]:
    """A Plotly figure without colours: `meta.k` names the token that the page draws it in.

    Values are decimal texts, which Plotly reads on a linear axis: a float would round large amounts.
    """
    currency = revenue.currency.upper()
    return {
        "data": [
            {
                "type": "bar",
                "meta": {"k": 1},
                "x": [f"{month.first:%b}" for month in revenue],
                "y": [str(money.major(month.amount_paid, currency)) for month in revenue],
                "text": [f"{digits(month.amount_paid, currency)} {currency}" for month in revenue],
                "customdata": [address(month.first) for month in revenue],
                "textposition": "none",
                "hovertemplate": "%{text}<extra></extra>",
            }
        ],
        "layout": {"yaxis": {"type": "linear", "rangemode": "tozero", "tickformat": ",~r"}},
    }
