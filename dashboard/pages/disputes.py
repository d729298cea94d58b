from collections.abc import Sequence
from datetime import datetime
from typing import Any, override

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashboard.filters import sorting
from dashboard.filters.disputes import DisputesFilter
from dashboard.pages.list_page import ListPage
from dashboard.sheets.disputes import SHEET
from dashboard.tables.disputes import ShownDispute, last_time, shown_disputes
from finances.models import Dispute
from finances.reads.disputes import dispute_rows, dispute_sums, last_decision, newest_disputes, pressing_first
from finances.reads.keyset import KeysetPage


class DisputesPage(ListPage[Dispute]):
    """What waits for an answer stands first, by its deadline, unless another order is asked for."""

    title = _("Disputes")
    template_name = "dashboard/pages/disputes.html"
    permission_required = "paydesk.view_dispute"
    filter_class = DisputesFilter
    sheet = SHEET
    sorts = sorting.DISPUTES
    resync_type = "dispute"
    search_hint = _("Dispute, charge or payment id, or the customer's name, e-mail or id")
    tabs = (
        ("", _("All")),
        ("needs_response", _("Needs response")),
        ("under_review", _("Under review")),
        ("won", _("Won")),
        ("lost", _("Lost")),
        ("warnings", _("Inquiries")),
    )

    @override
    def rows(self) -> QuerySet[Dispute]:
        return newest_disputes()

    @override
    def page_of(self, rows: QuerySet[Dispute]) -> KeysetPage[Dispute]:
        if self.filters.sorted:
            return super().page_of(rows)
        return pressing_first(rows, after=self.request.GET.get("after"), before=self.request.GET.get("before"))

    @override
    def shown(self, rows: list[Dispute], now: datetime) -> Sequence[ShownDispute]:
        return shown_disputes(dispute_rows(rows), now)

    @override
    def sums(self, rows: QuerySet[Dispute]) -> Sequence[Any]:
        return dispute_sums(rows)

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        # Nothing waits, which is good news and not a search without a result.
        if (
            not context["shown"]
            and set(self.filters.in_force()) == {"status"}
            and self.request.GET["status"] == "needs_response"
        ):
            context["all_answered"] = last_time(last_decision(), timezone.now())
        return context
