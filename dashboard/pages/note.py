from typing import Any, override

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from dashboard import notes
from dashboard.formatting import console_link
from dashboard.models import Note
from dashboard.pages.shell import Crumb, Page


class NotesView(View):
    """POST `about` (a Stripe id) and `body`: writes a note and leads back to what it is about."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        about_id = request.POST.get("about", "").replace("\x00", "")
        person = allowed(request, "paydesk_console.add_note", notes.right_to_see(about_id))
        try:
            note = notes.write(about_id, request.POST.get("body", ""), by=person, now=timezone.now())
        except notes.NotPossible as not_possible:
            messages.error(request, str(not_possible))
            return redirect(console_link(about_id) or reverse("console:customers"))
        return redirect(place_of(note))


class NotePage(Page):
    """One note, to be changed or deleted. POST `action`: change (with `body`) or delete."""

    template_name = "dashboard/pages/note.html"
    permission_required = "paydesk_console.view_note"

    @override
    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.title = _("Note")
        self.written: str | None = None

    @override
    def crumbs(self) -> list[Crumb]:
        return [(self.note.about_id, console_link(self.note.about_id)), (self.title, None)]

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.note = note_for(self.request, self.kwargs["id"])
        person = self.request.user
        assert isinstance(person, User)  # noqa: S101  # nosec B101  # the log-in check is around every page
        return super().get_context_data(**kwargs) | {
            "note": self.note,
            "body": self.note.body if self.written is None else self.written,
            "back": console_link(self.note.about_id),
            "longest": notes.LONGEST,
            "changeable": notes.may_change(self.note, person, timezone.now()),
            "deletable": notes.may_delete(self.note, person),
        }

    def post(self, request: HttpRequest, id: int) -> HttpResponse:
        person, note = allowed(request, "paydesk_console.view_note"), note_for(request, id)
        try:
            match request.POST.get("action"):
                case "change":
                    notes.change(note.pk, request.POST.get("body", ""), by=person, now=timezone.now())
                case "delete":
                    notes.delete(note.pk, by=person, now=timezone.now())
        except notes.NotPossible as not_possible:
            messages.error(request, str(not_possible))
            self.written = request.POST.get("body")  # nothing that was typed is lost
            return self.render_to_response(self.get_context_data())
        return redirect(place_of(note))


def allowed(request: HttpRequest, *rights: str) -> User:
    if not isinstance(request.user, User) or not all(right and request.user.has_perm(right) for right in rights):
        raise PermissionDenied
    return request.user


def note_for(request: HttpRequest, note_id: int) -> Note:
    """As if it were not there for whoever may not see what it is about."""
    note = get_object_or_404(Note, pk=note_id)
    if not request.user.has_perm(notes.right_to_see(note.about_id)):
        raise Http404
    return note


def place_of(note: Note) -> str:
    return f"{console_link(note.about_id)}#notes"
