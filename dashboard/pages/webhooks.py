from typing import Any

from django.utils import timezone

from dashboard.filters.deliveries import DeliveriesFilter
from dashboard.formatting import word
from dashboard.pages.shell import Page
from finances.models import Delivery
from finances.reads import keyset
from finances.reads.freshness import lag
from finances.reads.webhooks import NEWEST_FIRST, deliveries, delivery_rows, state_counts

TABS = [Delivery.State.QUARANTINED, Delivery.State.WAITING, Delivery.State.RECEIVED, Delivery.State.PROCESSING]
TABS += [Delivery.State.PROCESSED, Delivery.State.IGNORED]


class WebhooksPage(Page):
    """What Stripe sent, newest first. The first page asks for itself again every few seconds."""

    title = "Webhooks"
    template_name = "dashboard/pages/webhooks.html"
    permission_required = "paydesk.view_delivery"
    partials = frozenset({"deliveries"})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parameters = self.request.GET
        filters = DeliveriesFilter(parameters, deliveries(), now=timezone.now())
        after, before = parameters.get("after"), parameters.get("before")
        page = keyset.page(filters.qs, order=NEWEST_FIRST, after=after, before=before)
        context = {
            "filters": filters,
            "page": page,
            "rows": delivery_rows(page.rows),
            "narrowed": bool(filters.in_force()),
            "live": page.newer is None,
            "tabs": tabs(filters),
            "lag": lag(),
        }
        if not self.partial():
            self.notices.extend(filters.left_out())
            if page.bad_cursor:
                self.notice("The place in the list was not readable; this is its beginning.")
        return super().get_context_data(**kwargs) | context


def tabs(filters: DeliveriesFilter) -> list[dict[str, Any]]:
    """Each state with how many there are in all, whatever else is filtered."""
    counts, current = state_counts(), filters.in_force().get("state", "")
    every = {"word": "All", "count": sum(counts.values()), "address": filters.query("state"), "current": not current}
    return [every] + [
        {
            "word": word(state),
            "count": counts[state],
            "address": filters.query("state", state),
            "current": state == current,
        }
        for state in TABS
    ]
