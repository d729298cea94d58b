"""MRR by month: a line through the month ends, each point of which leads to what began to be paid in it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.charts.chart import Chart, Row, amount, count, hover, month_and_year, short_month, value
from finances.metrics.mrr import Recurring

RECIPE = gettext_lazy(
    "The monthly values of the subscriptions that are active or past due, as of each month’s end, the running month as "
    "of now. Trials, tax that is added, metered and one-time prices are out. Past months are valued at today’s "
    "quantities and prices: what they were before the first read is not known."
)


def mrr_chart(one: Recurring, address: Callable[[date], str]) -> Chart:
    rows = [
        Row(
            month_and_year(first),
            [
                amount(point.value, one.currency, address(first)),
                count(point.subscriptions),
                count(point.uncounted),
            ],
        )
        for first, point in reversed(one.months)
    ]
    return Chart(
        id="mrr",
        title=_("MRR by month"),
        about=_("%(currency)s, at each month’s end, the last one now") % {"currency": one.currency.upper()},
        recipe=RECIPE,
        figure=mrr_figure(one, address),
        heads=[_("Month"), _("MRR"), _("Subscriptions"), _("No value")],
        rows=rows,
    )


def mrr_figure(one: Recurring, address: Callable[[date], str]) -> dict[str, Any]:
    """Without colours: `meta.k` names the token that the page draws it in, `meta.area` asks for a tint below."""
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines+markers",
                "meta": {"k": 1, "area": True},
                "x": [short_month(first) for first, _ in one],
                "y": [value(point.value, one.currency) for _, point in one],
                "text": [hover(amount(point.value, one.currency)) for _, point in one],
                "customdata": [address(first) for first, _ in one],
                "hovertemplate": "%{text}<extra></extra>",
            }
        ],
        "layout": {
            "xaxis": {"range": [-0.5, len(one.months) - 0.5]},
            "yaxis": {"type": "linear", "rangemode": "tozero", "tickformat": ",~r"},
        },
    }
