from collections.abc import Sequence
from datetime import datetime
from typing import Any, override

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.filters.deliveries import DeliveriesFilter
from dashboard.filters.list_filter import ListFilter
from dashboard.formatting import word
from dashboard.pages.list_page import ListPage, Tab
from dashboard.sheets.deliveries import SHEET
from finances.models import Delivery
from finances.reads import catch_ups, keyset
from finances.reads.backlog import backlog
from finances.reads.failing import failing
from finances.reads.freshness import lag
from finances.reads.webhooks import (
    MISSED,
    MOST_CUSTOMERS,
    NEWEST_FIRST,
    Conditions,
    DeliveryRow,
    count_of,
    deliveries,
    delivery_rows,
)

State = Delivery.State
COUNTED = (State.QUARANTINED, State.WAITING, State.RECEIVED, State.PROCESSING)
"""What there are few of. The others grow without end: a count of them says little and costs much."""


class WebhooksPage(ListPage[Delivery]):
    """What Stripe sent, newest first. The first page's part `deliveries` asks for itself again every few seconds."""

    title = "Webhooks"
    template_name = "dashboard/pages/webhooks.html"
    permission_required = "paydesk.view_delivery"
    partials = frozenset({"results", "deliveries"})
    filter_class = DeliveriesFilter
    sheet = SHEET
    search_hint = "in_…, cus_…, evt_…, or a customer’s name or e-mail"

    @override
    def not_exportable(self, filters: ListFilter) -> list[str]:
        cut = isinstance(filters, DeliveriesFilter) and filters.conditions.cut
        words = _("These words mean more than %(most)s customers, and the others would be left out.")
        return super().not_exportable(filters) + ([words % {"most": MOST_CUSTOMERS}] if cut else [])

    @override
    def rows(self) -> QuerySet[Delivery]:
        return deliveries()

    @override
    def page_of(self, rows: QuerySet[Delivery]) -> keyset.KeysetPage[Delivery]:
        asked = self.request.GET
        return keyset.page(rows, order=NEWEST_FIRST, after=asked.get("after"), before=asked.get("before"))

    @override
    def shown(self, rows: list[Delivery], now: datetime) -> Sequence[DeliveryRow]:
        return delivery_rows(rows)

    @override
    def tabs_of(self, filters: ListFilter, status: str) -> list[Tab]:
        """Each state with how many there are in all, whatever else is filtered."""
        in_force = filters.in_force()
        state, found = in_force.get("state", ""), in_force.get("found", "")
        states = [
            Tab(
                label=word(each),
                matches=count_of(Conditions(state=each)) if each in COUNTED else None,
                query=filters.query("state", each, without="found"),
                current=each == state,
            )
            for each in (*COUNTED, State.PROCESSED, State.IGNORED)
        ]
        every = Tab("All", None, filters.query("state", without="found"), not state and found != MISSED)
        missed = Tab(
            "Missed",
            None,  # a count would never fall: what was found stays found
            filters.query("found", MISSED, without="state"),
            found == MISSED,
        )
        return [every, *states[:4], missed, *states[4:]]

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, context = timezone.now(), super().get_context_data(**kwargs)
        filters, page = self.filters, context["page"]
        live = page.newer is None
        if filters.conditions.cut:
            context["left_out"].append(
                f"These words mean more than {MOST_CUSTOMERS} customers; here are the events of the newest of them. "
                "More words find the others."
            )
        context |= {"live": live, "lag": lag(now), "backlog": backlog(now), "now": now}
        counts = {tab.label: tab.matches or 0 for tab in context["tabs"]}
        any_failing = counts[word(State.QUARANTINED)] + counts[word(State.WAITING)]
        context |= {
            "quarantined": counts[word(State.QUARANTINED)],
            "failing": failing(filters.conditions) if live and any_failing and not filters.conditions.reason else None,
            "comparison": catch_ups.newest(),
            "suggestion": None if context["shown"] else filters.suggestion(),
        }
        if self.partial() == "deliveries":
            return context
        may_replay = self.request.user.has_perm("paydesk.replay_delivery")
        return context | {
            "matches": count_of(filters.conditions) if may_replay and self._may_be_replayed() else 0,
            "asked": filters.query(),
        }

    def _may_be_replayed(self) -> bool:
        """Never the whole log, nor a part of what was asked for."""
        return self.filters.conditions != Conditions() and not self.filters.conditions.cut

    @override
    def get_template_names(self) -> list[str]:
        if self.partial() == "deliveries":
            return ["dashboard/parts/_deliveries.html"]
        return super().get_template_names()

    @override
    def render_to_response(self, context: dict[str, Any], **response_kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **response_kwargs)
        if self.partial() == "deliveries":
            del response["HX-Push-Url"]  # a page that asks for itself has not gone anywhere
        return response
