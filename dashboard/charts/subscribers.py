"""New, returned and lost subscribers by month: gains above zero, losses below."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from dashboard.charts.chart import Chart, Key, Row, count, month_and_year, short_month
from finances.metrics.subscribers import Subscribers

RECIPE = gettext_lazy(
    "A subscriber is a customer with at least one subscription that is paid for, trials not among them. New: the first "
    "time ever. Returned: after a time without. Lost: the last one ended, was not paid, or was paused. A second "
    "subscription changes nothing, and neither does one that takes over without a gap."
)
KINDS = {
    "new": (1, gettext_lazy("New"), ngettext_lazy("%(count)s new", "%(count)s new", "n")),
    "returned": (2, gettext_lazy("Returned"), ngettext_lazy("%(count)s returned", "%(count)s returned", "n")),
    "lost": (5, gettext_lazy("Lost"), ngettext_lazy("%(count)s lost", "%(count)s lost", "n")),
}


def subscribers_chart(all_of_them: Subscribers, address: Callable[[str, date], str]) -> Chart:
    """`address`: of the customers who are `new`, `returned` or `lost` in a month."""
    rows = [
        Row(
            month_and_year(month.first),
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
        title=_("New and lost subscribers"),
        about=_("customers of every currency, by month, this month so far"),
        recipe=RECIPE,
        figure=subscribers_figure(all_of_them, address),
        heads=[_("Month"), _("New"), _("Returned"), _("Lost"), _("At the end")],
        rows=rows,
        legend=tuple(Key(k, words) for k, words, _counted in KINDS.values()),
    )


def subscribers_figure(all_of_them: Subscribers, address: Callable[[str, date], str]) -> dict[str, Any]:
    """Without colours: `meta.k` names the token that the page draws it in."""
    return {
        "data": [
            {
                "type": "bar",
                "meta": {"k": k},
                "x": [short_month(month.first) for month in all_of_them],
                "y": [-month.lost if kind == "lost" else getattr(month, kind) for month in all_of_them],
                "text": [
                    counted % {"n": getattr(month, kind), "count": f"{getattr(month, kind):,}"} for month in all_of_them
                ],
                "customdata": [address(kind, month.first) for month in all_of_them],
                "textposition": "none",
                "hovertemplate": "%{text}<extra></extra>",
            }
            for kind, (k, _words, counted) in KINDS.items()
        ],
        "layout": {"yaxis": {"type": "linear", "tickformat": ",~r"}},
    }
