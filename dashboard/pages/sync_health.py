from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.charts.completeness import completeness_chart
from dashboard.charts.delays import here_chart, way_chart
from dashboard.charts.deliveries import deliveries_chart
from dashboard.pages.shell import Page
from dashboard.tables.completeness import (
    lost_remark,
    month_bounds,
    overdue_note,
    sample_sentence,
    summary,
    type_rows,
    wrong_in_words,
)
from dashboard.tables.sync_health import (
    TITLES,
    alerts,
    as_of_now,
    backlog_remark,
    budget,
    delay,
    delay_remark,
    is_alive,
    missed_sentence,
    refusals,
    state,
    totals_in_words,
)
from dashboard.templatetags.banners import banner, not_readable
from finances.configuration import PINNED_API_VERSION
from finances.gateway import sdk_version
from finances.metrics.deliveries import by_hour, lately
from finances.reads import catch_ups, daily_totals, drift, sync_health
from finances.reads.backlog import backlog
from finances.reads.completeness import completeness, last_sample, missing_scopes, overdue_sample
from finances.reads.freshness import lag
from finances.reads.keyset import capped_count
from finances.reads.rate_budget import rate_budget
from finances.reads.turned_null import turned_null
from finances.resync.steps import LISTED, OF_EACH
from finances.watch.conditions import IN_TIME, Kind

DAY = timedelta(days=1)
SPANS = {"1": 24, "7": 7 * 24}
"""Hours of the charts, by `days` in the query string."""


class SyncHealthPage(Page):
    """`days` in the query string: 1 or 7, of the charts. The parts `state` and `comparisons` ask for themselves again;
    what is counted over days is not counted with them."""

    title = gettext_lazy("Sync health")
    template_name = "dashboard/pages/sync_health.html"
    permission_required = "paydesk.view_delivery"
    partials = frozenset({"state", "comparisons"})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, part = timezone.now(), self.partial()
        context: dict[str, Any] = {}
        if part in (None, "state"):
            context |= state_of(now, may_mend=self.request.user.has_perm("paydesk.resync_objects"))
        if part in (None, "comparisons"):
            context |= {"comparisons": catch_ups.latest(), "mark": catch_ups.watermark(), "next": catch_ups.schedule()}
        if part is None:
            may_mend = self.request.user.has_perm("paydesk.resync_objects")
            context |= self.counted(now) | completeness_of(now, may_mend=may_mend)
        return super().get_context_data(**kwargs) | context

    def counted(self, now: datetime) -> dict[str, Any]:
        days = self.request.GET.get("days", "1")
        if days not in SPANS:
            self.notice(_("The charts show 1 or 7 days; this is one."))
            days = "1"
        missed = sync_health.found_by_comparison(now)
        hours, found = by_hour(now, SPANS[days]), lately(now - DAY, now)
        return {
            "days": days,
            "charts": [deliveries_chart(hours, webhooks_of), way_chart(hours), here_chart(hours)],
            "came": sync_health.came_in_a_day(now),
            "delays": [
                (name, delay(spread, "p50"), delay(spread, "p95"), delay_remark(spread))
                for name, spread in ((_("On the way to us"), found.way), (_("Processing here"), found.here))
            ],
            "missed": missed,
            "missed_sentence": missed_sentence(missed),
            "yesterday": day_of(now - DAY),
            "refused": refusals(sync_health.refused_since(now - DAY)),
            "skew": sync_health.skew(now),
            "ours": PINNED_API_VERSION,
            "sdk": sdk_version(),
            "lost": [(each, lost_remark(each)) for each in turned_null(now)],
            "past": [(each, TITLES[Kind(each.kind)], alerts(each)) for each in sync_health.incidents()],
        }


def state_of(now: datetime, *, may_mend: bool) -> dict[str, Any]:
    pending, seen, fresh, quarantined = backlog(now), sync_health.worker_seen(), lag(now), sync_health.quarantined()
    incidents = as_of_now(sync_health.open_incidents(), fresh, quarantined, now)
    return {
        "sentence": state(fresh, pending, incidents, quarantined, seen, now),
        "open": [(incident, banner(incident, now, may_mend=may_mend)) for incident in incidents],
        "lag": fresh,
        "behind": (behind := fresh.behind(now)),
        "late": behind is not None and behind >= IN_TIME,
        "backlog": pending,
        "backlog_remark": backlog_remark(pending),
        "quarantined": quarantined,
        "worker_seen": seen,
        "alive": is_alive(seen, now),
        "budget": budget(rate_budget(now), now),
        "totals": totals_in_words(daily_totals.waiting(), now),
        "unreadable": not_readable(missing_scopes(), may_mend=may_mend),
    }


def completeness_of(now: datetime, *, may_mend: bool) -> dict[str, Any]:
    found, sample, overdue = completeness(LISTED, OF_EACH), last_sample(), overdue_sample(now)
    rows = type_rows(found)
    return {
        "types": rows,
        "complete": summary(rows),
        "months": completeness_chart(found, wrong_in_words, of_month),
        "sample": sample,
        "sample_said": sample_sentence(sample) if sample else None,
        "overdue": overdue_note(overdue, now, may_mend=may_mend) if overdue else None,
        "drifted": capped_count(drift.standing()),
    }


def of_month(type_name: str, month: date, is_wrong: bool) -> str:
    """A resync puts right what is wrong; where nothing is, a comparison says whether it still is so."""
    page = "console:resyncs" if is_wrong else "console:reconcile"
    return f"{reverse(page)}?{urlencode({'target': type_name} | month_bounds(month))}"


def webhooks_of(state: str, at: datetime) -> str:
    """The list of the day that the hour is in: lists are cut by days."""
    day = day_of(at)
    conditions = {"state": state} if state else {}
    return f"{reverse('console:webhooks')}?{urlencode(conditions | {'received_from': day, 'received_to': day})}"


def day_of(at: datetime) -> str:
    """As the list's conditions take it, in the viewer's zone."""
    return f"{timezone.localtime(at):%Y-%m-%d}"
