from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.pages.shell import Page
from finances.models import WorkerHeartbeat
from finances.webhooks.catch_up import request_catch_up


class CatchUpPage(Page):
    """POST: asks for a comparison with Stripe's list of events, and leads back to where it was asked.

    GET asks for nothing and leads to the list: that is how one comes back from a log-in.
    """

    permission_required = "paydesk.view_delivery"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return redirect("console:webhooks")

    def post(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or not request.user.has_perm("paydesk.resync_objects"):
            raise PermissionDenied
        now = timezone.now()
        asked = request_catch_up(now=now, by=request.user)
        if not WorkerHeartbeat.is_anyone_alive(now):
            sentence = _("The comparison is queued; no worker is alive to do it. It begins as soon as one starts.")
            messages.warning(request, sentence)
        elif asked.already_running:
            messages.info(request, _("A comparison with Stripe is under way already; no second one was begun."))
        else:
            messages.success(
                request, _("A worker compares Stripe’s list of events with ours now. Nothing is sent to Stripe.")
            )
        return redirect("console:sync_health" if request.POST.get("from") == "sync_health" else "console:webhooks")
