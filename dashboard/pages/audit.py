from collections.abc import Sequence
from datetime import datetime
from typing import Any, override

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.filters.audit import AuditFilter
from dashboard.filters.list_filter import ListFilter
from dashboard.filters.sorting import Words
from dashboard.pages.list_page import ListPage, Tab
from dashboard.sheets.audit import SHEET
from dashboard.tables.audit import ShownEntry, shown_entries
from dashboard.trail.actions import KINDS
from finances.models import AuditEntry
from finances.reads import audit, keyset


class AuditPage(ListPage[AuditEntry]):
    """Who did what, newest first."""

    title = gettext_lazy("Audit trail")
    template_name = "dashboard/pages/audit.html"
    permission_required = "paydesk.view_auditentry"
    filter_class = AuditFilter
    sheet = SHEET
    search_hint = gettext_lazy("A whole log-in name, or a whole id: cus_…")

    @override
    def rows(self) -> QuerySet[AuditEntry]:
        return audit.entries()

    @override
    def page_of(self, rows: QuerySet[AuditEntry]) -> keyset.KeysetPage[AuditEntry]:
        asked = self.request.GET
        return keyset.page(rows, order=audit.NEWEST_FIRST, after=asked.get("after"), before=asked.get("before"))

    @override
    def shown(self, rows: list[AuditEntry], now: datetime) -> Sequence[ShownEntry]:
        return shown_entries(rows, audit.names_of_targets(rows), audit.ids_of_scopes(rows), now)

    @override
    def tabs_of(self, filters: ListFilter, status: str) -> list[Tab]:
        """Without counts: the trail only grows."""
        kind = filters.in_force().get("kind", "")
        kinds: list[tuple[str, Words]] = [("", _("All")), *((kind, label) for kind, (label, _nouns) in KINDS.items())]
        return [Tab(label, None, filters.query("kind", value), value == kind) for value, label in kinds]

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context if self.partial() else context | {"seals": audit.seal_state()}
