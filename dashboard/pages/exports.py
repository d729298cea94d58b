from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.exports import files
from dashboard.pages.exported_list import may_export
from dashboard.pages.exported_lists import filters_of, list_named, may_have
from dashboard.pages.shell import Page
from dashboard.tables.exports import shown_export
from dashboard.trail import looked_at
from finances.exports import request as asking
from finances.models import WorkerHeartbeat
from finances.reads.exports import MOST_SHOWN, downloadable, exports_of, file_of


class ExportsPage(Page):
    """One's own exports, the newest hundred; the part `exports` asks for itself again while one is being made."""

    title = gettext_lazy("Exports")  # type: ignore[assignment]  # as good as a str
    template_name = "dashboard/pages/exports.html"
    permission_required = "paydesk.export_lists"
    partials = frozenset({"exports"})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, rows = timezone.now(), []
        for export in exports_of(may_export(self.request))[:MOST_SHOWN]:
            if taken := list_named(export.list):
                with timezone.override(export.zone):
                    rows.append(shown_export(export, taken.title, filters_of(taken, export).in_words(), now))
        live = any(row.export.state in row.export.UNFINISHED for row in rows)
        return super().get_context_data(**kwargs) | {
            "rows": rows,
            "live": live,
            "no_worker": live and not WorkerHeartbeat.is_anyone_alive(now),
        }


class ExportPage(Page):
    """GET: the file, for the one who asked for it. POST: takes it away, or stops its making."""

    permission_required = "paydesk.export_lists"

    def get(self, request: HttpRequest, id: UUID, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # a stream is none of HttpResponse
        export, now = get_object_or_404(exports_of(may_export(request)), pk=id), timezone.now()
        if not may_have(export):
            raise PermissionDenied
        if not downloadable(export, now):
            messages.error(request, _("There is no such file: it is not made yet, or it was taken away again."))
            return redirect("console:exports")
        looked_at.downloaded(request, export)
        taken = list_named(export.list)
        name = files.name_of(taken.title if taken else export.list, export.asked_at)
        return files.stored(export.format, name, file_of(export.pk), export.size)

    def post(self, request: HttpRequest, id: UUID, **kwargs: Any) -> HttpResponse:
        person = may_export(request)
        asking.remove(get_object_or_404(exports_of(person), pk=id), now=timezone.now(), by=person)
        messages.info(request, _("Removed: the file is gone."))
        return redirect("console:exports")
