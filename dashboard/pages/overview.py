from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.charts.chart import Chart
from dashboard.charts.failed_payments import failed_payments_chart
from dashboard.charts.mrr import mrr_chart
from dashboard.charts.revenue import revenue_chart
from dashboard.charts.subscribers import subscribers_chart
from dashboard.formatting import address_of
from dashboard.pages.shell import Page
from dashboard.tables.failures import failure_in_words
from dashboard.tables.overview import concerns, shown_recurring
from dashboard.templatetags.banners import lag_is_known
from dashboard.templatetags.first_import import banner_of
from finances.metrics.daily import standing
from finances.metrics.failed_payments import Failures, failures_in_months
from finances.metrics.mrr import Recurring, monthly_recurring_revenue
from finances.metrics.revenue import Revenue, revenue
from finances.metrics.subscribers import subscribers
from finances.periods import add_months, month_of, start_of
from finances.rate_budget import ALL, limit_of
from finances.reads.first_import import first_import
from finances.reads.overview import attention, coming_up, last_run, nothing_yet
from finances.reads.resyncs import progress
from finances.snapshot import one_snapshot

LATELY = timedelta(days=7)


class OverviewPage(Page):
    """`currency` in the query string chooses the charts' currency; by itself the one with the most subscriptions.

    While everything is read for the first time, the part `first_read` asks for itself, and at its end for the page.
    """

    title = gettext_lazy("Overview")
    template_name = "dashboard/pages/overview.html"
    permission_required = "paydesk.view_customer"
    partials = frozenset({"attention", "first_read"})

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        if self.partial() == "first_read" and not ((found := first_import()) and found.unfinished):
            response["HX-Refresh"] = "true"
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if self.partial() == "first_read":
            return super().get_context_data(**kwargs) | self.first_read()
        with one_snapshot():
            figures = self.figures(timezone.now())
        return super().get_context_data(**kwargs) | figures

    def figures(self, now: datetime) -> dict[str, Any]:
        # From a day's start, as the list behind it is cut by days of the viewer's zone.
        lately = timezone.localdate(now) - LATELY
        found = attention(now, start_of(lately, timezone.get_current_timezone()))
        lag_is_known(self.request, found.lag)
        addresses = {
            "failed": behind("payments", status="failed", failed_from=f"{lately:%Y-%m-%d}"),
            "past_due": behind("invoices", status="past_due"),
            "disputes": behind("disputes", status="needs_response"),
            "quarantined": behind(
                "webhooks", state="waiting" if found.waiting and not found.quarantined else "quarantined"
            ),
            "lag": behind("webhooks"),
        }
        attending = {
            "concerns": [(each, addresses[each.key]) for each in concerns(found, now)],
            "as_of": found.lag.as_of,
            "last_run": last_run(),
        }
        if self.partial():
            return attending
        attending |= self.first_read()
        if nothing_yet():
            return attending | {"nothing_yet": True, "limit": limit_of(ALL)}
        return attending | self.numbers(now) | {"today": timezone.localtime(now)}

    def first_read(self) -> dict[str, Any]:
        found, now = first_import(), timezone.now()
        if found is None:
            return {"first_import": None}
        far = progress(found.run, found.parts, now, limit_of(ALL))
        return {"first_import": found, "first_banner": banner_of(found), "first_progress": far}

    def numbers(self, now: datetime) -> dict[str, Any]:
        """Of whole months, cut in the account's zone, whatever the viewer's."""
        zone = timezone.get_default_timezone()
        month, as_it_stands = month_of(now, zone), standing(zone)
        recurring = monthly_recurring_revenue(now, zone, as_it_stands=as_it_stands)
        earned = revenue(now, zone, as_it_stands=as_it_stands)
        people = subscribers(now, zone, as_it_stands=as_it_stands)
        before, lately = failures_in_months([add_months(month, -1), month], as_it_stands)
        failed = lately, before
        currencies = list(dict.fromkeys(one.currency for group in (recurring, earned, *failed) for one in group))
        currency = self.chosen(currencies)
        return {
            "account_zone": timezone.get_default_timezone_name(),
            "month": month,
            "recurring": shown_recurring(recurring),
            "earned": [(one.currency, one.months[-1], paid_in(one.currency, month)) for one in earned],
            "people": people,
            "coming_up": coming_up(now, zone),
            "uncounted": sum(one.now.uncounted for one in recurring),
            "currencies": currencies,
            "currency": currency,
            "charts": [
                *charts_of(currency, recurring, earned),
                subscribers_chart(people, lambda kind, of: behind("customers", **{kind: f"{of:%Y-%m}"})),
                *failures_of(currency, month, failed),
            ],
        }

    def chosen(self, currencies: list[str]) -> str:
        asked = self.request.GET.get("currency", "").lower()
        if asked and asked not in currencies:
            self.notice(
                _("Nothing is in %(currency)s here; the charts show another currency.")
                % {"currency": asked[:20].upper()}
            )
        return asked if asked in currencies else next(iter(currencies), "")


def charts_of(currency: str, recurring: list[Recurring], earned: list[Revenue]) -> list[Chart]:
    """MRR and revenue in one currency, where there is anything to draw."""
    charts = [
        mrr_chart(one, lambda of: behind("subscriptions", since=f"{of:%Y-%m}", currency=currency))
        for one in recurring
        if one.currency == currency
    ]
    return charts + [revenue_chart(one, lambda of: paid_in(currency, of)) for one in earned if one.currency == currency]


def failures_of(currency: str, month: date, failed: tuple[list[Failures], list[Failures]]) -> list[Chart]:
    """This month beside the last one; no chart where nothing was attempted in either."""
    now, before = (next((one for one in found if one.currency == currency), None) for found in failed)
    if now is None and before is None:
        return []
    return [failed_payments_chart(now, before, (month, add_months(month, -1)), failed_for, failed_in(currency))]


def failed_for(code: str) -> str:
    return failure_in_words("", code).name if code else _("No reason given")


def failed_in(currency: str) -> Callable[[str, date], str]:
    def address(code: str, month: date) -> str:
        reason = {"reason": code} if code else {}
        return behind("payments", currency=currency, failed=f"{month:%Y-%m}", **reason)

    return address


def paid_in(currency: str, month: date) -> str:
    return behind("invoices", status="paid", currency=currency, paid=f"{month:%Y-%m}")


def behind(name: str, **conditions: str) -> str:
    """The address of the list behind a number."""
    address = address_of(name)
    return f"{address}?{urlencode(conditions)}" if conditions else address
