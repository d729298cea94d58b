from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import batched
from typing import Any, override

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone

from dashboard.exports import comma_separated
from dashboard.filters.audit import AuditFilter
from dashboard.filters.list_filter import ListFilter
from dashboard.pages.list_page import ListPage, Tab
from dashboard.tables.audit import HEADS, ShownEntry, for_export, shown_entries
from dashboard.trail import looked_at
from dashboard.trail.actions import KINDS
from finances.models import AuditEntry
from finances.reads import audit, keyset

AT_A_TIME = 500  # rows of an export whose names are looked up together


class AuditPage(ListPage[AuditEntry]):
    """Who did what, newest first. `export=csv`: the whole filtered set as a file."""

    title = "Audit trail"
    template_name = "dashboard/pages/audit.html"
    permission_required = "paydesk.view_auditentry"
    filter_class = AuditFilter
    search_hint = "A whole log-in name, or a whole id: cus_…"

    @override
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # a stream is none of HttpResponse
        asked = request.GET.get("export")
        if not asked or self.partial():
            return super().get(request, *args, **kwargs)
        filters = self.filter_class(request.GET, self.rows(), now=timezone.now())
        wrong = list(filters.left_out())
        if asked != "csv":
            wrong.append("An export is made as csv only.")
        if wrong:
            # On the page a condition that does not read is left out; a file would hold more than was asked for.
            messages.error(request, f"Nothing was exported: {' '.join(wrong)}")
            return HttpResponseRedirect(request.path + filters.query().rstrip("?"))
        looked_at.exported(
            request, self.title, format="csv", rows=filters.qs.count(), conditions=filters.query().lstrip("?")
        )
        name = f"paydesk-audit-trail-{timezone.localtime():%Y-%m-%d}"
        return comma_separated.as_file(name, HEADS, self.exported(filters.qs))

    def exported(self, rows: QuerySet[AuditEntry]) -> Iterator[Sequence[object]]:
        for entries in batched(audit.every(rows), AT_A_TIME, strict=False):
            yield from map(for_export, shown_entries(entries, audit.names_of_targets(entries)))

    @override
    def rows(self) -> QuerySet[AuditEntry]:
        return audit.entries()

    @override
    def page_of(self, rows: QuerySet[AuditEntry]) -> keyset.KeysetPage[AuditEntry]:
        asked = self.request.GET
        return keyset.page(rows, order=audit.NEWEST_FIRST, after=asked.get("after"), before=asked.get("before"))

    @override
    def shown(self, rows: list[AuditEntry], now: datetime) -> Sequence[ShownEntry]:
        return shown_entries(rows, audit.names_of_targets(rows))

    @override
    def tabs_of(self, filters: ListFilter, status: str) -> list[Tab]:
        """Without counts: the trail only grows."""
        kind = filters.in_force().get("kind", "")
        kinds = [("", "All"), *((kind, label) for kind, (label, _) in KINDS.items())]
        return [Tab(label, None, filters.query("kind", value), value == kind) for value, label in kinds]

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context if self.partial() else context | {"seals": audit.seal_state()}
