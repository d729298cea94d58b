import uuid
from datetime import datetime
from typing import Any, override

from django.http import HttpRequest, HttpResponse
from django.urls import resolve
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.formatting import console_link
from dashboard.pages.shell import Page
from finances.models import ResyncRun
from finances.reads.freshness import read_since
from finances.resync.request import UnknownTarget, request_resync

MOST_LOOKS = 40
"""A look a second or so; a webhook that takes longer is late, and the page says so."""


class ReadAnewPage(Page):
    """The part of a page that somebody comes back to from Stripe's dashboard. POST `target`: has the object read anew
    where the person may do that; for others its webhook is waited for. GET `target`, `since`, `run`, `looks`: whether
    there is something newer by now, and then the page draws itself anew.
    """

    title = gettext_lazy("Read anew")
    template_name = "dashboard/parts/_read_anew.html"

    @override
    def get_permission_required(self) -> tuple[str, ...]:
        """Whoever may see its page."""
        address = console_link(self.asked("target"))
        seen_on = getattr(resolve(address).func, "view_class", None) if address else None
        return (getattr(seen_on, "permission_required", None) or "",)

    def asked(self, name: str) -> str:
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        return given.get(name, "").replace("\x00", "")[:255]

    @override
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        since, looks = _moment(self.asked("since")), _count(self.asked("looks"))
        run = ResyncRun.objects.filter(pk=self.asked("run")).first() if _is_uuid(self.asked("run")) else None
        ended = run is not None and run.state not in ResyncRun.UNFINISHED
        fresh = ended or (run is None and read_since(self.asked("target"), since))
        return self.answer(since=since, looks=looks + 1, run=run, fresh=fresh)

    def post(self, request: HttpRequest) -> HttpResponse:
        now, run = timezone.now(), None
        if request.user.is_authenticated and request.user.has_perm("paydesk.resync_objects"):
            try:
                run = request_resync(self.asked("target"), now=now, by=request.user, reason=_("Back from Stripe")).run
            except UnknownTarget:
                run = None
        return self.answer(since=now, looks=0, run=run, fresh=False)

    def answer(self, *, since: datetime, looks: int, run: ResyncRun | None, fresh: bool) -> HttpResponse:
        return self.render_to_response(
            {
                "target": self.asked("target"),
                "address": console_link(self.asked("target")),
                "since": since.isoformat(),
                "looks": looks,
                "run": run,
                "fresh": fresh,
                "gave_up": not fresh and looks > MOST_LOOKS,
            }
        )


def _moment(text: str) -> datetime:
    """Now for what is no moment."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return timezone.now()
    return moment if moment.tzinfo else timezone.now()


def _count(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else 0


def _is_uuid(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False
