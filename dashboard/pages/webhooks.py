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
from dashboard.pages.exported_list import Narrowing
from dashboard.pages.list_page import ListPage, Tab
from dashboard.sheets.deliveries import SHEET
from finances.models import Delivery
from finances.reads import catch_ups, keyset
from finances.reads.backlog import backlog, settled_lately
from finances.reads.failing import FAILING, failing
from finances.reads.freshness import lag
from finances.reads.webhooks import (
    MISSED,
    MOST_CUSTOMERS,
    NEWEST_FIRST,
    Conditions,
    DeliveryRow,
    deliveries,
    deliveries_matching,
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
    def not_exportable(self, filters: Narrowing) -> list[str]:
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
        self._count(filters.conditions if isinstance(filters, DeliveriesFilter) else Conditions())
        in_force = filters.in_force()
        state, found = in_force.get("state", ""), in_force.get("found", "")
        states = [
            Tab(
                label=word(each),
                matches=self._counts.get(each),
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
        context = super().get_context_data(**kwargs)
        filters, page, now = self.filters, context["page"], self._now
        live = page.newer is None
        if filters.conditions.cut:
            context["left_out"].append(
                f"These words mean more than {MOST_CUSTOMERS} customers; here are the events of the newest of them. "
                "More words find the others."
            )
        failed = [state for state in FAILING if self._counts[state]]
        context |= {
            "live": live,
            "lag": lag(now),
            "backlog": backlog(now, self._settled),
            "now": now,
            "quarantined": self._counts[State.QUARANTINED],
            "failing": failing(filters.conditions, failed)
            if live and failed and not filters.conditions.reason
            else None,
            "comparison": catch_ups.newest(),
            "suggestion": None if context["shown"] else filters.suggestion(),
        }
        if self.partial() == "deliveries":
            return context
        return context | {"matches": self.matches, "asked": filters.query()}

    def _count(self, conditions: Conditions) -> None:
        """The tabs, what a replay would take, and how fast the workers are: one query."""
        self._now = timezone.now()
        matching = [deliveries_matching(Conditions(state=each)) for each in COUNTED]
        if self._may_replay(conditions):
            matching.append(deliveries_matching(conditions))
        *counts, self._settled = keyset.counts([*map(keyset.up_to_cap, matching), settled_lately(self._now)])
        self._counts = dict(zip(COUNTED, counts, strict=False))
        self.matches = sum(counts[len(COUNTED) :])

    def _may_replay(self, conditions: Conditions) -> bool:
        """Never the whole log, nor a part of what was asked for."""
        may = self.request.user.has_perm("paydesk.replay_delivery") and self.partial() != "deliveries"
        return may and conditions != Conditions() and not conditions.cut

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
