from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.filters.resync_scope import LONGEST_REASON, ScopeForm
from dashboard.pages.resync_plan import ResyncPlanPage
from dashboard.pages.shell import Page
from dashboard.tables.resync_scope import scope_as_heading
from finances.reads import keyset
from finances.reads.drift import standing
from finances.reads.names import names_of
from finances.reads.resyncs import resyncs
from finances.resync.request import UnknownTarget, request_resync


class ResyncsPage(Page):
    """GET: the runs, newest first, and the form for another one; `target`, `since`, `until` and `ids` fill it in.

    POST the same with a `reason`: makes a run and leads to it; a scope that is none is shown with what is wrong.
    """

    title = gettext_lazy("Resyncs")
    template_name = "dashboard/pages/resyncs.html"
    permission_required = "paydesk.view_resyncrun"
    partials = frozenset({"runs"})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parameters, now = self.request.GET, timezone.now()
        page = keyset.page(resyncs(), after=parameters.get("after"), before=parameters.get("before"))
        if page.bad_cursor:
            self.notice(_("The place in the list was not readable; this is its beginning."))
        names = names_of(run.target for run in page.rows)
        context: dict[str, Any] = {
            "page": page,
            "shown": [(run, scope_as_heading(run.target, run.scope, now, names)) for run in page.rows],
            "live": any(run.state in run.UNFINISHED for run in page.rows),
        }
        if not self.partial() and self.may_resync():
            context["form"] = ScopeForm(initial=parameters.dict(), drifted=keyset.capped_count(standing()))
        return super().get_context_data(**kwargs) | context

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if not request.user.is_authenticated or not self.may_resync():
            raise PermissionDenied
        # A dialog's reason is cut where a field would have ended it.
        given = request.POST.copy()
        given["reason"] = given.get("reason", "").strip()[:LONGEST_REASON]
        form = ScopeForm(given)
        try:
            if not form.is_valid():
                return ResyncPlanPage.as_view()(request)
            asked = request_resync(
                **form.scope(), now=timezone.now(), by=request.user, reason=form.cleaned_data["reason"]
            )
        except UnknownTarget:
            return ResyncPlanPage.as_view()(request)
        if asked.already_running:
            messages.info(request, _("This was already being resynced. Here is that run; no second one was made."))
        return redirect("console:resync", asked.run.pk)

    def may_resync(self) -> bool:
        return self.request.user.is_authenticated and self.request.user.has_perm("paydesk.resync_objects")
