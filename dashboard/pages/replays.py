from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.filters.deliveries import DeliveriesFilter
from dashboard.pages.shell import Crumb, Page
from dashboard.tables.replays import question, title_of
from finances.reads.replays import newest_replays
from finances.reads.webhooks import Conditions, deliveries
from finances.webhooks.replay import TooManyCustomers, estimate, request_replay

LONGEST_REASON = 500
OF_THE_FORM = ("reason_given", "csrfmiddlewaretoken")


class ReplaysPage(Page):
    """GET: what a replay of the conditions in the query string would cost, and the last replays. POST: makes one.

    The parameters are those of the list of webhooks. Its dialog asks for the part `question`.
    """

    title = gettext_lazy("Process again")
    template_name = "dashboard/pages/replays.html"
    permission_required = "paydesk.view_delivery"
    partials = frozenset({"question"})

    def crumbs(self) -> list[Crumb]:
        return [(_("Webhooks"), reverse("console:webhooks")), (self.title, None)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, context = timezone.now(), super().get_context_data(**kwargs)
        filters = DeliveriesFilter(self.request.GET, deliveries(), now=now)
        self.notices.extend(filters.left_out())
        if filters.conditions.cut:
            self.notices.append(str(TooManyCustomers()))
        elif self.may_replay() and filters.conditions != Conditions():
            found = estimate(filters.conditions, now)
            context |= {
                "filters": filters,
                "chips": filters.chips(),
                "asked": filters.query().lstrip("?"),
                "given": list(QueryDict(filters.query().lstrip("?")).items()),
                "question": question(
                    filters.conditions,
                    events=found.events,
                    objects=found.objects,
                    takes=found.takes,
                    left_out=found.left_out,
                ),
            }
        if not self.partial():
            context["replays"] = [(each, title_of(each)) for each in newest_replays()]
        return context

    def post(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or not self.may_replay():
            raise PermissionDenied
        now = timezone.now()
        conditions = request.POST.copy()
        reason = conditions.get("reason_given", "").strip()[:LONGEST_REASON]
        for name in OF_THE_FORM:
            conditions.pop(name, None)
        filters = DeliveriesFilter(conditions, deliveries(), now=now)
        # On a list a condition that does not read is left out; here that would process more than was asked for.
        if wrong := list(filters.left_out()):
            messages.error(request, _("Nothing was done: %(why)s") % {"why": " ".join(wrong)})
            return redirect("console:webhooks")
        if filters.conditions.cut:
            messages.error(request, str(TooManyCustomers()))
            return redirect("console:webhooks")
        if filters.conditions == Conditions():
            messages.error(request, _("Nothing was done: say which events, by a filter."))
            return redirect("console:webhooks")
        if not estimate(filters.conditions, now).events:
            messages.info(request, _("Nothing was done: no event matches that could be processed again here."))
            return redirect("console:webhooks")
        replay = request_replay(filters.conditions, now=now, by=request.user, reason=reason)
        return redirect("console:replay", replay.pk)

    def may_replay(self) -> bool:
        return self.request.user.is_authenticated and self.request.user.has_perm("paydesk.replay_delivery")
