"""New, returned and lost subscribers by month: gains above zero, losses below."""

from collections.abc import Callable
from datetime import date
from typing import Any

from dashboard.charts.chart import Chart, Key, Row, count
from finances.metrics.subscribers import Subscribers

RECIPE = (
    "A subscriber is a customer with at least one subscription that is paid for, trials not among them. New: the first "
    "time ever. Returned: after a time without. Lost: the last one ended, was not paid, or was paused. A second "
    "subscription changes nothing, and neither does one that takes over without a gap."
)
KINDS = {"new": (1, "New"), "returned": (2, "Returned"), "lost": (5, "Lost")}


def subscribers_chart(all_of_them: Subscribers, address: Callable[[str, date], str]) -> Chart:
    """`address`: of the customers who are `new`, `returned` or `lost` in a month."""
    rows = [
        Row(
            f"{month.first:%B %Y}",
            [
                count(month.new, address("new", month.first)),
                count(month.returned, address("returned", month.first)),
                count(-month.lost, address("lost", month.first)),
                count(month.closing),
            ],
        )
        for month in reversed(all_of_them.months)
    ]
    return Chart(
        id="subscribers",
        title="New and lost subscribers",
        about="customers of every currency, by month, this month so far",
        recipe=RECIPE,
        figure=subscribers_figure(all_of_them, address),
        heads=["Month", "New", "Returned", "Lost", "At the end"],
        rows=rows,
        legend=tuple(Key(k, words) for k, words in KINDS.values()),
    )


def subscribers_figure(all_of_them: Subscribers, address: Callable[[str, date], str]) -> dict[str, Any]:
    """Without colours: `meta.k` names the token that the page draws it in."""
    return {
        "data": [
            {
                "type": "bar",
                "meta": {"k": k},
                "x": [f"{month.first:%b}" for month in all_of_them],
                "y": [-month.lost if kind == "lost" else getattr(month, kind) for month in all_of_them],
                "text": [f"{getattr(month, kind):,} {words.lower()}" for month in all_of_them],
                "customdata": [address(kind, month.first) for month in all_of_them],
                "textposition": "none",
                "hovertemplate": "%{text}<extra></extra>",
            }
            for kind, (k, words) in KINDS.items()
        ],
        "layout": {"yaxis": {"type": "linear", "tickformat": ",~r"}},
    }
