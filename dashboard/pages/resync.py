from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.exports import files
from dashboard.filters.resync_scope import LONGEST_REASON
from dashboard.pages.exported_list import may_export
from dashboard.pages.shell import Crumb, Page
from dashboard.tables.differences import difference_rows
from dashboard.tables.resync_scope import scope_in_words
from dashboard.tables.resyncs import FINDING_HEADS, finding_lines, limit_for, notes, parts_rows
from dashboard.trail import looked_at
from finances.models import ResyncRun
from finances.reads.names import names_of
from finances.reads.resyncs import exported, failed_of, findings, hold, parts_of, progress, runs
from finances.resync import control

ACTIONS: dict[str, Callable[..., ResyncRun]] = {
    "pause": control.pause,
    "resume": control.resume,
    "cancel": control.cancel,
    "retry": control.retry_failed,
}
NOTHING_NEW = 204
"""HTMX leaves the element as it is."""


class ResyncPage(Page):
    """One run. POST `action`: pause, resume, cancel or retry, with an optional `reason`.

    While it goes on, the part `run` asks for itself each second, and brings the head along when the state (as the page
    has it, in `state`) is another; the part `findings` asks less often, and is told when nothing is new (by `seen`).
    `ask=cancel`: the question stands on the page, where no script opens a dialog. `export`, `csv` or `xlsx`: the
    findings as a file.
    """

    template_name = "dashboard/pages/resync.html"
    permission_required = "paydesk.view_resyncrun"
    partials = frozenset({"run", "findings"})
    run: ResyncRun

    def crumbs(self) -> list[Crumb]:
        return [(_("Resyncs"), reverse("console:resyncs")), (self.title, None)]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # a stream is none of HttpResponse
        self.run = get_object_or_404(runs(), pk=self.kwargs["id"])
        if self.run.kind == ResyncRun.Kind.COMPARE:
            return redirect(address_of(self.run))
        if (format := request.GET.get("export", "")) in files.FORMATS:
            return self.exported(format)
        if self.partial() == "findings" and request.GET.get("seen") == seen(self.run):
            return HttpResponse(status=NOTHING_NEW)
        return super().get(request, *args, **kwargs)

    def exported(self, format: str) -> HttpResponseBase:
        may_export(self.request)
        rows = self.run.findings.count()
        looked_at.exported(self.request, _("Resyncs"), format=format, rows=rows, conditions=f"run={self.run.pk}")
        name = f"paydesk-resync-{timezone.localtime(self.run.created_at):%Y-%m-%d}-{str(self.run.pk)[:8]}"
        return files.answer(format, _("Findings"), name, FINDING_HEADS, finding_lines(exported(self.run)))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated or not request.user.has_perm("paydesk.resync_objects"):
            raise PermissionDenied
        run = get_object_or_404(runs(), pk=self.kwargs["id"])
        action = ACTIONS.get(request.POST.get("action", ""))
        if action is None:
            return redirect(address_of(run))
        reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]
        try:
            run = action(run.pk, now=timezone.now(), by=request.user, reason=reason)
        except control.NotPossible as not_possible:
            messages.error(request, str(not_possible))
        return redirect(address_of(run))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run, now, part = self.run, timezone.now(), self.partial()
        names = names_of([run.target])
        scope = scope_in_words(run.target, run.scope, now, names)
        self.title = _("Resync of %(scope)s") % {"scope": scope}
        context: dict[str, Any] = {
            "run": run,
            "scope": scope,
            "unfinished": run.state in run.UNFINISHED,
            "seen": seen(run),
            "target_name": names.get(run.target, ""),
            "head_too": part == "run" and self.request.GET.get("state") != run.state,
            "asks_to_cancel": self.request.GET.get("ask") == "cancel",
        }
        if part != "findings":
            context |= self.under_way()
        if part != "run":
            found = findings(run)
            changes = [(finding, difference_rows(finding.differences)) for finding in found.changes]
            context |= {"findings": found, "changes": changes}
        return super().get_context_data(**kwargs) | context

    def under_way(self) -> dict[str, Any]:
        run, now = self.run, timezone.now()
        parts, limit = parts_of(run), limit_for(run.target)
        far = progress(run, parts, now, limit)
        return {
            "progress": far,
            "parts": parts_rows(parts, failed_of(run), unfinished=far.unfinished),
            "limit": limit,
            "notes": notes(run, far, hold(run, now), now),
        }


def seen(run: ResyncRun) -> str:
    """Another one whenever the findings are others."""
    return "-".join(str(each) for each in (run.state, run.changed, run.new, run.gone, run.failed))


def address_of(run: ResyncRun) -> str:
    """Its page: comparisons have others."""
    name = "comparison" if run.kind == ResyncRun.Kind.COMPARE else "resync"
    return reverse(f"console:{name}", args=[run.pk])
