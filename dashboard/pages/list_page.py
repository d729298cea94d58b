"""A list of Stripe's objects: a read, a filter, a table, a permission."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, NamedTuple, override

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.filters.list_filter import ListFilter
from dashboard.filters.sorting import AMOUNT, NO_SORTS, Sorted, Sorts, Words
from dashboard.pages.exported_list import ExportedList
from dashboard.pages.resync_plan import ResyncPlanPage
from dashboard.pages.shell import Page
from dashboard.trail import looked_at
from finances.reads import crowds, keyset
from finances.resync.targets import MOST_IDS

CATALOGUE = ("paydesk.view_product", "paydesk.view_price")


class Tab(NamedTuple):
    """`matches`: as far as `keyset.capped_count` goes, with the other conditions in force; None: not counted."""

    label: Words
    matches: int | None
    query: str
    current: bool


class Head(NamedTuple):
    """Of a column that sorts. `aria`: ascending, descending, or empty where the rows do not stand by it."""

    label: Words
    query: str
    aria: str
    tip: str


class ListPage[Row: Model](ExportedList, Page):
    """`tabs`: values of the parameter `status` and their words; the empty value is all. `matches`: how many rows do, as
    far as counts go; None where they were not counted. `uncounted`: tabs that grow for ever and no index counts.

    The template extends `dashboard/list.html`. For HTMX the same template is drawn without the shell around it: a block
    partial would not see the blocks that a list fills. `sorts`: what it can be sorted by.
    `resync_type`: what the button reads anew, none if empty.
    """

    partials = frozenset({"results"})
    filter_class: ClassVar[type[ListFilter]]
    sorts: ClassVar[Sorts] = NO_SORTS
    tabs: ClassVar[Sequence[tuple[str, Words]]]
    uncounted: ClassVar[frozenset[str]] = frozenset()
    search_hint: ClassVar[Words]
    resync_type: ClassVar[str] = ""
    matches: int | None = None

    def rows(self) -> QuerySet[Row]:
        """Everything that the list can show, newest first."""
        raise NotImplementedError

    @override
    def filters_of(self, asked: QueryDict, now: datetime) -> ListFilter:
        without = () if self.may_see_catalogue() else self.filter_class.of_catalogue()
        return self.filter_class(asked, self.rows(), now=now, sorts=self.sorts, without=without)

    def may_see_catalogue(self) -> bool:
        """What products and prices are called; a worker, who has no request, makes what somebody was allowed to."""
        return not hasattr(self, "request") or self.request.user.has_perms(CATALOGUE)

    def page_of(self, rows: QuerySet[Row]) -> keyset.KeysetPage[Row]:
        """One page of the rows that match, by the order and the cursors of the query string."""
        asked, order = self.request.GET, self.filters.sorted.order if self.filters.sorted else keyset.NEWEST_FIRST
        order = replace(order, gathered=self.are_gathered())
        return keyset.page(rows, order=order, after=asked.get("after"), before=asked.get("before"))

    def are_gathered(self) -> bool:
        """Few rows match, and no index has both what is asked for and the order: see `keyset.Order`."""
        if self.matches is None or self.matches > keyset.MOST_COUNTED or not self.filters.is_narrowed:
            return False
        newest_first = self.filters.sorted is None or self.filters.sorted.order == keyset.NEWEST_FIRST
        return not newest_first or not self.filters.counts_every_tab()

    def sums(self, rows: QuerySet[Row]) -> Sequence[Any]:
        """Of everything that matches, a row a currency; in one query, and not asked for past the cap of counts."""
        return ()

    def shown(self, rows: list[Row], now: datetime) -> Sequence[Any]:
        """The page's rows as the table draws them, in a constant number of queries."""
        raise NotImplementedError

    @override
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # a stream is none of HttpResponse
        meant = self.filter_class.meant(request.GET)
        if self.may_see_catalogue():
            meant = self.filter_class.by_id(meant)
        if self.partial():
            request.GET = meant  # type: ignore[assignment]  # read from here on, never written
        elif meant.dict() != request.GET.dict():
            # One address for one list, however it was asked for: an empty field, a term in the search are not in it.
            return HttpResponseRedirect(f"{request.path}?{meant.urlencode()}".rstrip("?"))
        if (asked_for := request.GET.get("export")) and not self.partial():
            return self.export(asked_for)
        if request.GET.get("resync") and not self.partial():
            return self.resync_these()
        context = self.get_context_data(**kwargs)
        # A part that asks for itself again, as the log of webhooks does, is no new search.
        if self.filters.is_search and self.partial() in (None, "results"):
            looked_at.searched(request, self.title, self.filters.typed)
        return self.render_to_response(context)

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        self.filters = filters = self.filters_of(self.request.GET, now)
        in_force, rows = filters.in_force(), filters.qs  # which searches, and knows then whether that is broad
        tabs = self.tabs_of(filters, in_force.get("status", ""))
        page = self.page_of(rows)  # after the counts: how many match says how they are read
        left_out = list(filters.left_out())
        if page.bad_cursor:
            left_out.append(_("The place in the list was not readable; this is its beginning."))
        return super().get_context_data(**kwargs) | {
            "filters": filters,
            "tabs": tabs,
            "sums": None if self.matches is None or self.matches > keyset.MOST_COUNTED else self.sums(filters.qs),
            "page": page,
            "heads": heads_of(filters),
            "sort_choices": choices_of(filters),
            "sort_parameter": filters.sorts.parameter(filters.sorted) if filters.sorted else "",
            "mixed": self.mixed(page.rows, filters),
            "shown": self.shown(page.rows, now),
            "left_out": left_out,
            "suggestions": filters.suggestions() + (filters.parts_instead() if not page.rows else []),
            "chips": filters.chips(),
            "narrowed": filters.is_narrowed,
            "these": self.matches if self.resync_type and self._may_be_read_by_id() else None,
            "search_hint": self.search_hint,
            "resync_type": self.resync_type,
            "may_choose": self.request.user.has_perm("paydesk.resync_objects"),
            "things": str(self.title).lower(),
            "list_name": self.request.resolver_match.url_name if self.request.resolver_match else "",
            "part": self.partial(),
            "frame": "dashboard/part.html" if self.partial() else "dashboard/base.html",
        }

    def resync_these(self) -> HttpResponse:
        """The plan of a resync of everything that matches, so far as some objects can be read one by one."""
        filters = self.filters_of(self.request.GET, timezone.now())
        wrong = list(filters.left_out())
        ids = list(filters.qs.values_list("pk", flat=True)[: MOST_IDS + 1])
        if len(ids) > MOST_IDS:
            words = _("More than %(most)s match: narrow the list, or resync all of the type.")
            wrong.append(words % {"most": f"{MOST_IDS:,}"})
        if wrong or not ids:
            messages.error(self.request, _("Nothing is planned. %(why)s") % {"why": " ".join(wrong)})
            return HttpResponseRedirect(f"{self.request.path}{filters.query()}".rstrip("?"))
        return ResyncPlanPage.of_objects(self.request, ids)

    def tabs_of(self, filters: ListFilter, status: str) -> list[Tab]:
        """One query for all of them, and for what is in force, which may be no tab; of those that had more than are
        counted a moment ago, none. A broad search has no counts."""
        values = [value for value, _ in self.tabs if value not in self.uncounted]
        counted = dict.fromkeys([*values, status] if filters.counts_every_tab() else [status])
        counts: dict[str, int | None] = dict.fromkeys([*(value for value, _ in self.tabs), status])
        self.matches = None
        if not filters.is_broad:
            zone = timezone.get_current_timezone_name()  # days of filters are cut in it
            asked = {(type(self), zone, filters.query("status", value)): value for value in counted}
            rows = {key: partial(filters.qs_with, "status", value) for key, value in asked.items()}
            found = crowds.capped_counts(rows, filters.now)
            counts |= {asked[key]: count for key, count in found.items()}
            self.matches = counts[status]
        return [
            Tab(label, counts[value], filters.query("status", value), current=value == status)
            for value, label in self.tabs
        ]

    def _may_be_read_by_id(self) -> bool:
        return self.matches is not None and 0 < self.matches <= MOST_IDS

    def mixed(self, rows: Sequence[Any], filters: ListFilter) -> bool:
        """The rows stand by amounts that are not of one currency."""
        by_amount = filters.sorted is not None and filters.sorted.by.kind is AMOUNT
        return by_amount and len({row.currency for row in rows}) > 1

    @override
    def get_template_names(self) -> list[str]:
        return [self.template_name] if self.template_name else []

    @override
    def render_to_response(self, context: dict[str, Any], **response_kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **response_kwargs)
        if self.partial():
            response["HX-Push-Url"] = self.request.path + self.filters.query().rstrip("?")
        return response


def heads_of(filters: ListFilter) -> dict[str, Head]:
    """By the sort's name. A click on the one in force turns it round."""
    in_force, heads = filters.sorted, {}
    for sort in filters.sorts.every:
        current = in_force is not None and in_force.by == sort
        descending = not in_force.descending if in_force and current else sort.kind.descends_first
        asked = Sorted(sort, descending)
        heads[sort.name] = Head(
            label=sort.label,
            query=filters.query("sort", filters.sorts.parameter(asked)),
            aria=in_force.aria if in_force and current else "",
            tip=_("Sort by %(what)s") % {"what": asked.words},
        )
    return heads


def choices_of(filters: ListFilter) -> list[tuple[str, Words]]:
    """Values of the parameter, and their words; empty for a list that cannot be sorted."""
    sorts = filters.sorts
    usual: list[tuple[str, Words]] = [] if sorts.usual or not sorts.every else [("", _("The usual order"))]
    return usual + [(sorts.parameter(each), each.words) for each in sorts]
