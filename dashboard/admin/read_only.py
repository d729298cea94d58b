from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from unfold.admin import ModelAdmin

from dashboard import formatting
from dashboard.admin.taken_away import AdminList, can_be_taken_away
from dashboard.exports.sheet import Sheet
from dashboard.trail import looked_at

LONGEST_SEARCH = 200  # characters, of what the audit trail keeps


class TitledAdmin(ModelAdmin):
    """A list is called `list_title`, as in the sidebar, instead of "Select group to view". A search is audited."""

    list_title: str

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        words = request.GET.get("q", "").strip()
        if words and self.has_view_permission(request):
            looked_at.searched(request, self.list_title, words[:LONGEST_SEARCH])
        return super().changelist_view(request, {"title": self.list_title} | (extra_context or {}))


class ReadOnlyAdmin(TitledAdmin):
    """Looked at, never changed here: what is written elsewhere, by the mirror or by an action.

    With a `sheet` the list can be taken away: `export=csv` and `export=xlsx`, as other lists of the console.
    """

    actions = None
    list_per_page = 50
    show_full_result_count = False
    sheet: Sheet | None = None

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        if self.sheet:
            can_be_taken_away(self)
            self.list_before_template = "dashboard/parts/_admin_export.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:  # type: ignore[override]  # a stream is none of HttpResponse
        if not (self.sheet and request.GET.get("export")):
            return super().changelist_view(request, extra_context)
        if not self.has_view_permission(request):
            raise PermissionDenied
        taken = AdminList(self)
        taken.request = request
        return taken.export(request.GET["export"])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def day_column(field: str, title: str) -> Callable[[ModelAdmin, Model], str]:
    """A column of times, as short as the other lists write them: `23 Nov`. The object's own page has the exact time."""

    @admin.display(description=title, ordering=field)
    def column(self: ModelAdmin, row: Any) -> str:
        moment = getattr(row, field)
        return formatting.shown_time(moment, formatting.day(moment, timezone.now())) if moment else formatting.EN_DASH

    return column


def word_column(field: str, title: str) -> Callable[[ModelAdmin, Model], str]:
    """A column of Stripe's codes in words: `In transit` for in_transit."""

    @admin.display(description=title, ordering=field)
    def column(self: ModelAdmin, row: Any) -> str:
        return formatting.word(getattr(row, field)) if getattr(row, field) else formatting.EN_DASH

    return column


def amount_column(field: str, title: str) -> Callable[[ModelAdmin, Model], str]:
    """A column of minor units, written with digits and currency: `29.00 EUR`."""

    @admin.display(description=title, ordering=field)
    def column(self: ModelAdmin, row: Any) -> str:
        return f"{formatting.digits(getattr(row, field), row.currency)}\N{NO-BREAK SPACE}{row.currency.upper()}"

    return column
