from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.filters.resync_scope import IDS, ScopeForm
from dashboard.pages.shell import Crumb, Page
from dashboard.tables.resync_plan import PlanInWords, plan_in_words, standing_in_words
from finances.models import ResyncRun
from finances.reads.drift import standing
from finances.reads.held import held_by_type, held_of_customer
from finances.reads.keyset import capped_count
from finances.reads.names import names_of
from finances.reads.resyncs import unfinished
from finances.resync.plan import Plan, make_plan
from finances.resync.targets import UnknownTarget


class ResyncPlanPage(Page):
    """What a resync would read and cost, from what we hold; nothing is read and nothing begins.

    By GET, or by POST, since a long list of ids fits into no address. A dialog asks for the facts alone.
    """

    title = gettext_lazy("Plan of a resync")
    template_name = "dashboard/pages/resync_plan.html"
    permission_required = "paydesk.resync_objects"
    kind = ResyncRun.Kind.RESYNC

    def crumbs(self) -> list[Crumb]:
        return [(_("Resyncs"), reverse("console:resyncs")), (self.title, None)]

    def partial(self) -> str | None:
        # A page may have more than one dialog, so that the element to fill has no name of its own.
        return "facts" if self.request.htmx else None  # type: ignore[attr-defined]  # by middleware

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(given=request.GET))

    def post(self, request: HttpRequest) -> HttpResponse:
        given = request.POST.copy()
        given["ids"] = "\n".join(request.POST.getlist("ids"))  # pasted, or ticked in a list
        return self.render_to_response(self.get_context_data(given=given))

    @classmethod
    def of_objects(cls, request: HttpRequest, ids: Iterable[str]) -> HttpResponse:
        """The plan for these. Raises PermissionDenied for whoever may not resync."""
        page = cls()
        page.setup(request)
        if not page.has_permission():
            raise PermissionDenied
        given = QueryDict(mutable=True)
        given.update({"target": IDS, "ids": "\n".join(ids)})
        return page.render_to_response(page.get_context_data(given=given))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        given: QueryDict = kwargs.pop("given")
        part = self.partial()
        form = ScopeForm(given or None, drifted=None if part else capped_count(standing()))
        planned = self.planned(form) if form.is_valid() else None
        standing_run = unfinished(self.kind, planned.target) if planned else None
        return super().get_context_data(**kwargs) | {
            "form": form,
            "plan": planned,
            "standing": standing_run,
            "standing_said": standing_in_words(standing_run, planned.target) if standing_run and planned else None,
            "comparing": self.kind == ResyncRun.Kind.COMPARE,
        }

    def planned(self, form: ScopeForm) -> PlanInWords | None:
        """None where the scope is none; the form says so then."""
        now = timezone.now()
        try:
            plan = make_plan(**form.scope(), now=now)
        except UnknownTarget as unknown:
            form.refuse(str(unknown))
            return None
        names = names_of([plan.target])
        held = held_of(plan, form.cleaned_data)
        return plan_in_words(plan, held, now, names, kind=self.kind)


class ComparisonPlanPage(ResyncPlanPage):
    """The same before a comparison, which reads what a resync would and writes nothing."""

    title = gettext_lazy("Plan of a comparison")
    kind = ResyncRun.Kind.COMPARE

    def crumbs(self) -> list[Crumb]:
        return [(_("Reconcile"), reverse("console:reconcile")), (self.title, None)]


def held_of(plan: Plan, scope: dict[str, Any]) -> dict[str, int]:
    """By type, how many objects we hold of what is read; empty where only the plan's sum is known."""
    if plan.target.startswith("cus_") and "ids" not in plan.scope:
        return held_of_customer(plan.target)
    steps = [part.step for part in plan.parts]
    if any("id" in step or "pages" in step for step in steps):
        return {}
    return held_by_type({step["type"] for step in steps}, since=scope["since"], until=scope["until"])
