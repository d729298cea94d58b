"""Compare with Stripe: ask for a comparison, read what it found, take over from Stripe what differs."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.exports import files
from dashboard.filters.resync_scope import LONGEST_REASON, ScopeForm
from dashboard.formatting import whole_number
from dashboard.pages.exported_list import may_export
from dashboard.pages.resync_plan import ComparisonPlanPage
from dashboard.pages.shell import Crumb, Page
from dashboard.tables import comparison as table
from dashboard.tables.resync_scope import scope_as_heading
from dashboard.tables.resyncs import finding_lines, limit_for, notes
from dashboard.trail import looked_at
from finances.models import ResyncFinding, ResyncRun
from finances.reads import keyset
from finances.reads.comparison import comparison, comparisons, open_differences_of
from finances.reads.drift import drift, standing
from finances.reads.names import names_of
from finances.reads.resyncs import exported, hold, parts_of, progress
from finances.resync.nightly import is_nightly
from finances.resync.request import UnknownTarget, request_resync
from finances.resync.targets import MOST_IDS, is_id, target_of

COMPARE = ResyncRun.Kind.COMPARE
HEADS = ("What", "Type", "Id", "Field", "Stored here", "In Stripe", "Remark", "What you can do", "When")


class ComparingPage(Page):
    permission_required = "paydesk.view_resyncrun"

    def who_may(self) -> User:
        """To compare costs calls to Stripe, to take over writes: both take the right to resync."""
        user = self.request.user
        if not user.is_authenticated or not user.has_perm("paydesk.resync_objects"):
            raise PermissionDenied
        return user

    def take_over(self, findings: Iterable[ResyncFinding], reason: str) -> ResyncRun | None:
        """A resync of what these are about, which looks at the rows and not only at what we remember of them."""
        targets = [target_of(each.object_type, each.object_id) for each in findings]
        ids = list(dict.fromkeys(each for each in targets if each))
        if nowhere := targets.count(""):
            messages.warning(self.request, table.without_an_address(nowhere))
        if not ids:
            if not nowhere:
                messages.info(self.request, _("Nothing was done: all of it was read from Stripe since."))
            return None
        if len(ids) > MOST_IDS:
            ids = ids[:MOST_IDS]
            messages.info(
                self.request,
                _("These are the first %(objects)s; the others are still here.") % {"objects": whole_number(MOST_IDS)},
            )
        return self.ask("ids", ids=ids, reason=reason)

    def ask(self, target: str, **scope: Any) -> ResyncRun | None:
        try:
            asked = request_resync(target, now=timezone.now(), by=self.who_may(), **scope)
        except UnknownTarget as unknown:
            messages.error(self.request, str(unknown))
            return None
        return asked.run


class ReconcilePage(ComparingPage):
    """GET: what differs now, and the comparisons, newest first; the form for another one leads to its plan.

    POST `target` (and what more a scope takes) compares it, and a scope that is none is shown with what is wrong; POST
    `take`, the key of a finding or `all`, takes over from Stripe what differs.
    """

    title = gettext_lazy("Reconcile")
    template_name = "dashboard/pages/reconcile.html"
    partials = frozenset({"comparisons"})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parameters, now = self.request.GET, timezone.now()
        page = keyset.page(comparisons(), after=parameters.get("after"), before=parameters.get("before"))
        if page.bad_cursor:
            self.notice(_("The place in the list was not readable; this is its beginning."))
        names = names_of(run.target for run in page.rows)
        differing = drift()
        return super().get_context_data(**kwargs) | {
            "page": page,
            "rows": [
                (run, scope_as_heading(run.target, run.scope, now, names), table.equal(run), is_nightly(run))
                for run in page.rows
            ],
            "live": any(run.state in run.UNFINISHED for run in page.rows),
            "drift": differing,
            "form": ScopeForm(initial=parameters.dict(), drifted=differing.count),
        }

    def post(self, request: HttpRequest) -> HttpResponseBase:
        user = self.who_may()
        if "take" in request.POST:
            return self._take(request.POST["take"])
        given = request.POST.copy()
        given["reason"] = reason = given.get("reason", "").strip()[:LONGEST_REASON]
        form = ScopeForm(given)
        try:
            if not form.is_valid():
                return ComparisonPlanPage.as_view()(request)
            run, already_running = request_resync(
                now=timezone.now(), by=user, reason=reason, kind=COMPARE, **form.scope()
            )
        except UnknownTarget:
            return ComparisonPlanPage.as_view()(request)
        if already_running:
            messages.info(request, _("This is being compared already. Here it is; no second comparison was begun."))
        return redirect("console:comparison", run.pk)

    def _take(self, what: str) -> HttpResponse:
        if what == "all":
            run = self.ask("drifted", reason=_("Taken over after comparisons with Stripe"))
        else:
            finding = get_object_or_404(standing(), pk=what) if what.isdecimal() else None
            run = self.take_over([finding] if finding else [], _("Taken over after a comparison with Stripe"))
        return redirect("console:resync", run.pk) if run else redirect("console:reconcile")


class ComparisonPage(ComparingPage):
    """One comparison; its part `comparison` asks for itself again until it, and the taking over, have ended.

    GET `repair`: the resync that takes over; `export`, `csv` or `xlsx`: what was found as a file. POST `take`: `all`
    that differs, the `chosen` ones (their keys as `object`), or the key of one finding.
    """

    template_name = "dashboard/pages/comparison.html"
    partials = frozenset({"comparison"})

    def crumbs(self) -> list[Crumb]:
        return [(_("Reconcile"), reverse("console:reconcile")), (self.title, None)]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # a stream is none of HttpResponse
        if (format := request.GET.get("export", "")) not in files.FORMATS:
            return super().get(request, *args, **kwargs)
        may_export(request)
        run = get_object_or_404(comparisons(), pk=self.kwargs["id"])
        looked_at.exported(
            request, _("Reconcile"), format=format, rows=run.findings.count(), conditions=f"comparison={run.pk}"
        )
        name = f"paydesk-comparison-{timezone.localtime(run.created_at):%Y-%m-%d}-{str(run.pk)[:8]}"
        return files.answer(format, _("Comparison"), name, HEADS, finding_lines(exported(run)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        run = get_object_or_404(comparisons(), pk=self.kwargs["id"])
        name = names_of([run.target]).get(run.target, "")
        self.title = _("Compare with Stripe")
        what = scope_as_heading(run.target, run.scope, now, {run.target: name} if name else {})
        found = comparison(run, now)
        groups = table.groups(found.found)
        repair = self._repair()
        ended = run.state not in run.UNFINISHED
        far = progress(run, parts_of(run), now, limit_for(run.target))
        return super().get_context_data(**kwargs) | {
            "run": run,
            "what": what,
            "progress": far,
            "remarks": notes(run, far, hold(run, now), now),
            "comparison": found,
            "groups": groups,
            "summary": table.summary(run, found, groups),
            "repair": repair,
            "live": not ended or (repair is not None and repair.state in repair.UNFINISHED),
            "ended": ended,
            "signed": table.SIGNED,
            "counted": table.COUNTED,
            "again": self._again(run),
            "at_once": is_id(run.target),
            "nightly": is_nightly(run),
        }

    def _repair(self) -> ResyncRun | None:
        try:
            key = UUID(self.request.GET.get("repair", ""))
        except ValueError:
            return None
        return ResyncRun.objects.filter(pk=key, kind=ResyncRun.Kind.RESYNC).first()

    def _again(self, run: ResyncRun) -> list[tuple[str, str]]:
        """Names and values of the form that compares the same once more."""
        ids = run.scope.get("ids") or []
        target = "ids" if ids else run.target if is_id(run.target) else run.target.partition(" ")[0]
        given = {"target": target, "ids": "\n".join(ids), "alone": "1" if len(ids) == 1 else ""}
        given |= {name: str(run.scope.get(name) or "") for name in ("since", "until")}
        return [(name, value) for name, value in given.items() if value]

    def post(self, request: HttpRequest, id: UUID) -> HttpResponse:
        self.who_may()
        run = get_object_or_404(comparisons(), pk=id)
        take = request.POST.get("take", "")
        wanted = self._wanted(run, take, request.POST.getlist("object"))
        if take == "chosen" and not request.POST.getlist("object"):
            messages.info(request, _("Nothing was done: choose objects first, by the boxes in front of them."))
            return redirect("console:comparison", run.pk)
        repair = self.take_over(wanted, _("Taken over after comparison %(id)s") % {"id": run.pk})
        address = reverse("console:comparison", args=[run.pk])
        return redirect(f"{address}?{urlencode({'repair': str(repair.pk)})}" if repair else address)

    def _wanted(self, run: ResyncRun, take: str, chosen: list[str]) -> QuerySet[ResyncFinding]:
        open_ones = open_differences_of(run)
        if take == "all":
            return open_ones[: MOST_IDS + 1]
        keys = chosen if take == "chosen" else [take]
        return open_ones.filter(pk__in=[key for key in keys if key.isdecimal() and len(key) < 19])
