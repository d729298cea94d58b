"""Revenue by month: bars, each of which leads to the invoices behind it, and a line for what is left after refunds."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.charts.chart import Chart, Key, Row, amount, count, hover, month_and_year, short_month, value
from finances.metrics.revenue import Revenue

RECIPE = gettext_lazy(
    "What was paid on paid invoices, by the month in which they were paid. Less refunds: the refunds made in that "
    "month are taken off, whenever the payment was. Disputes and fees are in neither. It is money by its day, not "
    "recognised revenue."
)


def revenue_chart(one: Revenue, address: Callable[[date], str]) -> Chart:
    rows = [
        Row(
            month_and_year(month.first),
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
        title=_("Revenue by month"),
        about=_("%(currency)s, by the day of payment, this month so far") % {"currency": one.currency.upper()},
        recipe=RECIPE,
        figure=revenue_figure(one, address),
        heads=[_("Month"), _("Paid"), _("Invoices"), _("Refunded"), _("Less refunds")],
        rows=rows,
        legend=(Key(1, _("Paid")), Key(4, _("Less refunds"), dashed=True)),
    )


def revenue_figure(one: Revenue, address: Callable[[date], str]) -> dict[str, Any]:
    """Without colours: `meta.k` names the token that the page draws it in."""
    months, currency = [short_month(month.first) for month in one], one.currency
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
                "hovertemplate": _("%(amount)s less refunds<extra></extra>") % {"amount": "%{text}"},
            },
        ],
        "layout": {"yaxis": {"type": "linear", "rangemode": "tozero", "tickformat": ",~r"}},
    }
