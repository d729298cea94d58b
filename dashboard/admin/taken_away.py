"""Lists of the admin as files: what a changelist's own filters and search leave, newest first."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from dashboard.pages.exported_list import ExportedList
from dashboard.pages.exported_lists import OTHERS

BESIDE = ("export", "o", "p", "all")
"""Parameters of a changelist's address that narrow nothing."""


class Narrowed:
    """Of one address. Made by the changelist itself, so that the file holds what the list shows."""

    sorted = None

    def __init__(self, model_admin: Any, asked: QueryDict) -> None:
        self._asked = asked.copy()
        for name in BESIDE:
            self._asked.pop(name, None)
        self._left_out: list[str] = []
        request = HttpRequest()
        request.GET = self._asked  # type: ignore[assignment]  # read from here on, never written
        request.user = User()  # the rights were asked for before
        try:
            self._changelist = model_admin.get_changelist_instance(request)
            self.qs: QuerySet[Any] = self._changelist.queryset
        except IncorrectLookupParameters:
            self.qs = model_admin.model._base_manager.none()
            self._changelist = None
            self._left_out.append(_("This list has no such filter."))

    def query(self) -> str:
        return f"?{self._asked.urlencode()}" if self._asked else ""

    def left_out(self) -> Iterator[str]:
        yield from self._left_out

    def in_words(self) -> list[str]:
        """Each condition; what was searched for in quotes."""
        if self._changelist is None:
            return []
        words = [f"“{self._changelist.query}”"] if self._changelist.query else []
        for spec in self._changelist.filter_specs:
            used = any(name in self._asked for name in spec.expected_parameters())
            words += [f"{spec.title}: {each['display']}" for each in self._choices(spec) if used and each["selected"]]
        return words

    def _choices(self, spec: Any) -> Sequence[dict[str, Any]]:
        return [each for each in spec.choices(self._changelist) if "display" in each]


class AdminList(ExportedList):
    """The rights that it takes are those of the changelist."""

    def __init__(self, model_admin: Any) -> None:
        self.model_admin = model_admin
        self.title = model_admin.list_title
        self.sheet = model_admin.sheet
        self.permission_required = f"paydesk.view_{model_admin.opts.model_name}"

    def filters_of(self, asked: QueryDict, now: datetime) -> Narrowed:
        return Narrowed(self.model_admin, asked)


def can_be_taken_away(model_admin: Any) -> None:
    """A worker finds it by the name of its address."""
    OTHERS[f"{model_admin.opts.app_label}_{model_admin.opts.model_name}_changelist"] = partial(AdminList, model_admin)
