from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from dashboard.charts.revenue import revenue_figure
from dashboard.pages.shell import Page
from finances.metrics.revenue import Revenue, revenue
from finances.reads.overview import attention, last_run, nothing_yet


@dataclass(frozen=True)
class Chart:
    """`rows`: the figure's numbers as a table, newest first: month, minor units, invoices, the list behind them."""

    id: str
    currency: str
    figure: dict[str, Any]
    rows: list[tuple[date, int, int, str]]


class OverviewPage(Page):
    title = "Overview"
    template_name = "dashboard/pages/overview.html"
    permission_required = "paydesk.view_customer"
    partials = frozenset({"attention"})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        counts = attention(now)
        context = super().get_context_data(**kwargs)
        context |= {"attention": counts, "behind": counts.lag.behind(now), "last_run": last_run()}
        if self.partial():
            return context
        return context | {
            "today": timezone.localtime(now),
            "account_zone": timezone.get_default_timezone_name(),
            "nothing_yet": nothing_yet(),
            "charts": [chart(one) for one in revenue(now, timezone.get_default_timezone())],
        }


def chart(one: Revenue) -> Chart:
    def address(month: date) -> str:
        conditions = {"status": "paid", "currency": one.currency, "paid": f"{month:%Y-%m}"}
        return reverse("console:invoices") + "?" + urlencode(conditions)

    rows = [(month.first, month.amount_paid, month.invoices, address(month.first)) for month in reversed(one.months)]
    return Chart(f"revenue-{one.currency}", one.currency, revenue_figure(one, address), rows)
