"""The whole filtered set of a list as a file: a short one as the answer, a long one made by a worker."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.exports import files
from dashboard.exports.sheet import Sheet
from dashboard.filters.sorting import Sorted
from dashboard.trail import looked_at
from finances.exports.request import MOST, TooMany, request_export
from finances.reads import keyset


def may_export(request: HttpRequest) -> User:
    """Who asks; raises PermissionDenied without the right to take anything away as a file."""
    person = request.user
    if not person.is_authenticated or not person.has_perm("paydesk.export_lists"):
        raise PermissionDenied
    return person


class Narrowing(Protocol):
    """What a file takes of a list's filters: the rows that match, the address that says so, and the words for it."""

    @property
    def qs(self) -> QuerySet[Any]: ...
    @property
    def sorted(self) -> Sorted | None: ...
    def query(self) -> str: ...
    def left_out(self) -> Iterator[str]: ...
    def in_words(self) -> list[str]: ...


class ExportedList:
    """What a list page adds to its four nouns: the `sheet` that its file holds."""

    request: HttpRequest
    title: str
    permission_required: Any
    sheet: Sheet

    def filters_of(self, asked: QueryDict, now: datetime) -> Narrowing:
        """What this address narrows, as of `now`."""
        raise NotImplementedError

    def export(self, format: str) -> HttpResponseBase:
        """The file, or where it will be; back to the list where it cannot be made."""
        person, now = may_export(self.request), timezone.now()
        filters = self.filters_of(self.request.GET, now)
        conditions = filters.query().lstrip("?")
        wrong = self.not_exportable(filters)
        if format not in files.FORMATS:
            wrong.append(_("An export is made as csv or as xlsx."))
        if wrong:
            # On the page a condition that does not read is left out; a file would hold more than was asked for.
            messages.error(self.request, _("Nothing was exported: %(why)s") % {"why": " ".join(wrong)})
            return redirect(f"{self.request.path}?{conditions}".rstrip("?"))
        count = keyset.capped_count(filters.qs, settings.EXPORT_AT_ONCE_ROWS)
        if count <= settings.EXPORT_AT_ONCE_ROWS:
            looked_at.exported(self.request, self.title, format=format, rows=count, conditions=conditions)
            lines = (line for batch in self.batches(filters, now) for line in batch)
            return files.answer(format, self.title, files.name_of(self.title, now), self.sheet.heads, lines)
        name = self.request.resolver_match.url_name if self.request.resolver_match else ""
        zone = timezone.get_current_timezone_name()
        try:
            asked = request_export(name or "", format=format, conditions=conditions, zone=zone, now=now, by=person)
        except TooMany:
            words = _("Nothing was exported: you have %(most)s exports already. Remove one that you no longer need.")
            messages.error(self.request, words % {"most": MOST})
            return redirect("console:exports")
        if asked.already_running:
            messages.info(self.request, _("This is being made already. Here it is; no second one was begun."))
        else:
            rows = settings.EXPORT_AT_ONCE_ROWS
            words = ngettext(
                "More than %(rows)s row match, so a worker makes the file. It will be here.",
                "More than %(rows)s rows match, so a worker makes the file. It will be here.",
                rows,
            )
            messages.info(self.request, words % {"rows": f"{rows:,}"})
        return redirect("console:exports")

    def not_exportable(self, filters: Narrowing) -> list[str]:
        """Why a file would not hold what was asked for, a sentence each."""
        return list(filters.left_out())

    def batches(self, filters: Narrowing, now: datetime) -> Iterator[list[Sequence[object]]]:
        """The lines of some hundred rows at a time."""
        for rows in keyset.every(filters.qs, order=filters.sorted.order if filters.sorted else self.sheet.order):
            yield list(self.sheet.lines(rows, now))
