from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils import timezone

from dashboard.pages.shell import Page
from finances.webhooks.catch_up import request_catch_up


class CatchUpPage(Page):
    """POST: asks for a comparison with Stripe's list of events, and leads back to where it was asked."""

    permission_required = "paydesk.view_delivery"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return HttpResponseNotAllowed(["POST"])

    def post(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or not request.user.has_perm("paydesk.resync_objects"):
            raise PermissionDenied
        asked = request_catch_up(now=timezone.now(), by=request.user)
        if asked.already_running:
            messages.info(request, "A comparison with Stripe is under way already; no second one was begun.")
        else:
            messages.success(
                request, "A worker compares Stripe’s list of events with ours now. Nothing is sent to Stripe."
            )
        return redirect("console:sync_health" if request.POST.get("from") == "sync_health" else "console:webhooks")
