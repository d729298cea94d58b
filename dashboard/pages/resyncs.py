from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from dashboard.pages.shell import Page
from finances.reads import keyset
from finances.reads.resyncs import runs
from finances.resync.request import UnknownTarget, request_resync

LONGEST_REASON = 500


class ResyncsPage(Page):
    """GET: the runs, newest first. POST `target` and an optional `reason`: makes a run and leads to it."""

    title = "Resyncs"
    template_name = "dashboard/pages/resyncs.html"
    permission_required = "paydesk.view_resyncrun"
    partials = frozenset({"runs"})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parameters = self.request.GET
        page = keyset.page(runs(), after=parameters.get("after"), before=parameters.get("before"))
        if page.bad_cursor:
            self.notice("The place in the list was not readable; this is its beginning.")
        live = any(run.state in run.UNFINISHED for run in page.rows)
        return super().get_context_data(**kwargs) | {"page": page, "live": live}

    def post(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or not request.user.has_perm("paydesk.resync_objects"):
            raise PermissionDenied
        target = request.POST.get("target", "").strip()
        reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]
        try:
            run, already_running = request_resync(target, now=timezone.now(), by=request.user, reason=reason)
        except UnknownTarget as unknown:
            messages.error(request, str(unknown))
            return redirect("console:resyncs")
        if already_running:
            messages.info(request, "This was already being resynced. Here is that run; no second one was made.")
        return redirect("console:resync", run.pk)
