from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.charts.receivables import receivables_chart
from dashboard.exports.files import FORMATS
from dashboard.pages.shell import Page
from dashboard.tables import receivables as table
from dashboard.tables.disputes import shown_dispute_lines
from finances.metrics.aging import BUCKETS, NOT_DUE, OPEN, OVERDUE, UNCOLLECTIBLE, Receivables, aged, receivables
from finances.reads.invoices import newest_invoices
from finances.reads.receivables import debtors, disputes_to_answer

KEYS = (OVERDUE, OPEN, *(bucket.key for bucket in BUCKETS))


class ReceivablesPage(Page):
    """What is open by age and currency, and below it the customers behind one figure: `currency` and `age`, by
    themselves what is overdue in the currency with the most open invoices. `export`: the invoices behind that figure,
    as the list of invoices has them."""

    title = gettext_lazy("Receivables")
    template_name = "dashboard/pages/receivables.html"
    permission_required = "paydesk.view_invoice"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("export") not in FORMATS:
            return super().get(request, *args, **kwargs)
        conditions = {name: request.GET[name] for name in ("currency", "export") if request.GET.get(name)}
        conditions |= as_conditions(request.GET.get("age") or OPEN)
        return HttpResponseRedirect(f"{reverse('console:invoices')}?{urlencode(conditions)}")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, zone = timezone.now(), timezone.get_default_timezone()
        found = receivables(now, zone)
        shown = table.shown_receivables(found, who_owes, invoices_behind)
        context: dict[str, Any] = {
            "rows": [row for row in shown if row.total.held.invoices],
            "names": table.names().values(),
            "undated": table.invoices(count) if (count := sum(one.undated for one in found)) else "",
            "uncollectible": [row for row in shown if row.uncollectible.held.invoices],
            "account_zone": timezone.get_default_timezone_name(),
            "as_of": now,
        }
        if self.request.user.has_perm("paydesk.view_dispute"):
            context["disputes"] = shown_dispute_lines(disputes_to_answer(), now)
        if chosen := self.chosen(found):
            one, age = chosen
            matching = newest_invoices().filter(aged(age, now, zone), currency=one.currency)
            page = debtors(matching, after=self.request.GET.get("after"), before=self.request.GET.get("before"))
            if page.bad_cursor:
                self.notice(_("The place in the list was not readable; this is its beginning."))
            row = shown[found.index(one)]
            figures = {OVERDUE: row.overdue, OPEN: row.total} | dict(
                zip((bucket.key for bucket in BUCKETS), row.cells, strict=True)
            )
            context |= {
                "currency": one.currency,
                "age": age,
                "phrase": table.phrase(age),
                "figure": figures[age],
                "exports_from": "?" + urlencode({"currency": one.currency, "age": age, "export": ""}),
                "page": page,
                "shown": table.shown_debtors(
                    page.rows, now, zone, lambda key: invoices_behind(one.currency, age, customer=key)
                ),
                "chart": receivables_chart(one, table.names(), lambda key: invoices_behind(one.currency, key)),
            }
        return super().get_context_data(**kwargs) | context

    def chosen(self, found: list[Receivables]) -> tuple[Receivables, str] | None:
        """The currency and the age whose customers are listed; None where nothing is open."""
        asked, age = self.request.GET.get("currency", "").lower(), self.request.GET.get("age", "")
        open_ones = [one for one in found if one.total.invoices]
        if not open_ones:
            return None
        one = next((one for one in open_ones if one.currency == asked), None)
        if asked and one is None:
            self.notice(
                _("Nothing is open in %(currency)s; this is another currency.") % {"currency": asked[:20].upper()}
            )
        one = one or open_ones[0]
        if age and age not in KEYS:
            self.notice(_("%(age)s is no age here; this is what is overdue.") % {"age": age[:20]})
        return one, age if age in KEYS else OVERDUE if one.overdue.invoices else NOT_DUE


def who_owes(currency: str, key: str) -> str:
    """This page, with the customers behind a figure."""
    return "?" + urlencode({"currency": currency, "age": key}) + "#who"


def invoices_behind(currency: str, key: str, **more: str) -> str:
    """The list of exactly the invoices behind a figure."""
    conditions = as_conditions(key) | {"currency": currency} | more
    return f"{reverse('console:invoices')}?{urlencode(conditions)}"


def as_conditions(key: str) -> dict[str, str]:
    return {"status": key} if key in (OPEN, UNCOLLECTIBLE) else {"age": key}
