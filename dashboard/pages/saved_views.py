from typing import Any, NamedTuple, override

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from dashboard import saved_views
from dashboard.filters.list_filter import ListFilter
from dashboard.models import SavedView
from dashboard.pages.exported_lists import LISTS
from dashboard.pages.list_page import ListPage
from dashboard.pages.shell import Crumb, Page

ANYBODY = "paydesk.view_customer"
"""Who may see this may see the console; where there is no such list, they are told so."""


class ShownView(NamedTuple):
    """`address`: of the list with its conditions. `current`: these are in force where it was asked from.
    `name` and `shared`: what its form shows, which may be what was typed and refused; `problem`: why."""

    view: SavedView
    address: str
    current: bool
    mine: bool
    removable: bool
    name: str
    shared: bool
    problem: str


class SavedViewsPage(Page):
    """The views of one list (`list`), beside what is in force there (`now`, a query string); a menu asks for the part.

    POST `list`, `now`, `name` and `shared`: keeps what is in force under a name; or with `into`, the key of one's own:
    puts it into that one. Leads back to the list.
    """

    template_name = "dashboard/pages/saved_views.html"
    partials = frozenset({"views"})

    @override
    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.title = _("Views")
        given = request.POST if request.method == "POST" else request.GET
        self.list, self.now = given.get("list", ""), _conditions(given.get("now", ""))
        self.problem = ""

    @override
    def has_permission(self) -> bool:
        """As the list itself."""
        return self.request.user.has_perm(LISTS[self.list].permission_required if self.list in LISTS else ANYBODY)

    @override
    def crumbs(self) -> list[Crumb]:
        return [(LISTS[self.list].title, reverse(f"console:{self.list}")), (self.title, None)]

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if self.list not in LISTS:
            raise Http404
        person = _person(self.request)
        views = [self._shown(view, person) for view in saved_views.views_for(person, self.list)]
        return super().get_context_data(**kwargs) | {
            "views": views,
            "changeable": [each.view for each in views if each.mine and not each.current],
            "list": self.list,
            "list_title": LISTS[self.list].title,
            "now": self.now,
            "back": f"{reverse(f'console:{self.list}')}?{self.now}".rstrip("?"),
            "typed": self._typed("") if self.problem and "id" not in self.kwargs else None,
            "problem": self.problem,
            "may_share": saved_views.may_share(person),
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        if self.list not in LISTS:
            raise Http404
        name, shared, by, now = *self._typed(""), _person(request), timezone.now()
        try:
            if into := request.POST.get("into"):
                view = saved_views.update(_key(into), self.now, by=by, now=now)
                words = _("“%(name)s” shows these conditions now.")
            else:
                view = saved_views.save(self.list, name, self.now, shared=shared, by=by, now=now)
                words = _("“%(name)s” is kept.")
        except SavedView.DoesNotExist:
            raise Http404 from None
        except saved_views.NotPossible as not_possible:
            return self._not_possible(not_possible)
        messages.success(request, words % {"name": view.name})
        return redirect(_address(view))

    def _not_possible(self, why: saved_views.NotPossible) -> HttpResponse:
        """Nothing that was typed is lost, and the form that holds it says what is wrong."""
        if self.request.POST.get("into"):  # where nothing is typed
            messages.error(self.request, str(why))
        else:
            self.problem = str(why)
        return self.render_to_response(self.get_context_data())

    def _typed(self, name: str) -> tuple[str, bool]:
        return self.request.POST.get("name", name), bool(self.request.POST.get("shared"))

    def _shown(self, view: SavedView, person: User) -> ShownView:
        problem = self.problem if self.kwargs.get("id") == view.pk else ""
        name, shared = self._typed(view.name) if problem else (view.name, view.shared)
        page = LISTS[view.list]
        return ShownView(
            view=view,
            address=_address(view),
            current=_that_read(page, view.conditions) == _that_read(page, self.now),
            mine=view.owner_id == person.pk,
            removable=saved_views.may_remove(view, person),
            name=name,
            shared=shared,
            problem=problem,
        )


class SavedViewPage(SavedViewsPage):
    """POST `action`: rename (with `name` and `shared`) or remove. Leads back to the views of its list."""

    http_method_names = ["post"]

    @override
    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.list = SavedView.objects.filter(pk=kwargs["id"]).values_list("list", flat=True).first() or ""

    def post(self, request: HttpRequest, id: int) -> HttpResponse:  # type: ignore[override]  # its address has a key
        by, now = _person(request), timezone.now()
        try:
            if request.POST.get("action") == "remove":
                view = saved_views.remove(id, by=by, now=now)
                messages.success(request, _("“%(name)s” is gone.") % {"name": view.name})
            else:
                name, shared = self._typed("")
                view = saved_views.rename(id, name, shared=shared, by=by, now=now)
                messages.success(request, _("“%(name)s” is kept.") % {"name": view.name})
        except SavedView.DoesNotExist:
            raise Http404 from None
        except saved_views.NotPossible as not_possible:
            return self._not_possible(not_possible)
        return redirect(f"{reverse('console:saved_views')}?{urlencode({'list': view.list, 'now': self.now})}")


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _key(written: str) -> int:
    """Raises SavedView.DoesNotExist for what is no key."""
    if not written.isascii() or not written.isdigit() or len(written) > 18:
        raise SavedView.DoesNotExist
    return int(written)


def _conditions(query: str) -> str:
    """Without what belongs to a page of the list."""
    asked = QueryDict(query.lstrip("?"), mutable=True)
    for name in ListFilter.page_parameters:
        asked.pop(name, None)
    return asked.urlencode()


def _that_read(page: type[ListPage], conditions: str) -> dict[str, str]:
    """Those of the conditions that the list knows today, and the order where it is not the usual one."""
    asked = page.filter_class.meant(QueryDict(conditions))
    known = {name: str(value) for name, value in asked.items() if value and name in page.filter_class.base_filters}
    asked_order = page.sorts.read(asked.get("sort", ""))
    return known | {"sort": page.sorts.parameter(asked_order) if asked_order else ""}


def _address(view: SavedView) -> str:
    return f"{reverse(f'console:{view.list}')}?{view.conditions}".rstrip("?")
