from typing import Any, NamedTuple, override

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from dashboard import saved_views
from dashboard.models import SavedView
from dashboard.pages.exported_lists import LISTS
from dashboard.pages.shell import Crumb, Page


class ShownView(NamedTuple):
    """`address`: of the list with its conditions. `current`: these are in force where it was asked from."""

    view: SavedView
    address: str
    current: bool
    mine: bool
    removable: bool


class SavedViewsPage(Page):
    """The views of one list (`list`), beside what is in force there (`now`, a query string); a menu asks for the part.

    POST `list`, `now`, `name` and `shared`: keeps what is in force under a name, and leads back to it.
    """

    template_name = "dashboard/pages/saved_views.html"
    partials = frozenset({"views"})

    @override
    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.title = _("Views")
        self.typed = ""

    @override
    def has_permission(self) -> bool:
        """As the list itself."""
        self.given = self.request.POST if self.request.method == "POST" else self.request.GET
        self.list = self.given.get("list", "")
        if self.list not in LISTS:
            return self.request.user.has_perm("paydesk.view_customer")  # then there is no such page
        return self.request.user.has_perm(LISTS[self.list].permission_required)

    @override
    def crumbs(self) -> list[Crumb]:
        return [(LISTS[self.list].title, reverse(f"console:{self.list}")), (self.title, None)]

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if self.list not in LISTS:
            raise Http404
        now, person = _conditions(self.given.get("now", "")), _person(self.request)
        return super().get_context_data(**kwargs) | {
            "views": [_shown(view, now, person) for view in saved_views.views_for(person, self.list)],
            "list": self.list,
            "list_title": LISTS[self.list].title,
            "now": now,
            "typed": self.typed,
            "may_share": saved_views.may_share(person),
            "longest": saved_views.LONGEST_NAME,
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        if self.list not in LISTS:
            raise Http404
        now, name = _conditions(self.given.get("now", "")), self.given.get("name", "")
        shared, by = bool(self.given.get("shared")), _person(request)
        try:
            view, is_new = saved_views.save(self.list, name, now, shared=shared, by=by, now=timezone.now())
        except saved_views.NotPossible as not_possible:
            messages.error(request, str(not_possible))
            self.typed = name  # nothing that was typed is lost
            return self.render_to_response(self.get_context_data())
        words = _("“%(name)s” is kept.") if is_new else _("“%(name)s” shows these conditions now.")
        messages.success(request, words % {"name": view.name})
        return redirect(_address(view))


class SavedViewView(View):
    """POST `action`: rename (with `name` and `shared`) or remove. Leads back to the views of its list."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, id: int) -> HttpResponse:
        person = _person(request)
        try:
            if request.POST.get("action") == "remove":
                view = saved_views.remove(id, by=person)
                messages.success(request, _("“%(name)s” is gone.") % {"name": view.name})
            else:
                name, shared = request.POST.get("name", ""), bool(request.POST.get("shared"))
                view = saved_views.rename(id, name, shared=shared, by=person)
                messages.success(request, _("“%(name)s” is kept.") % {"name": view.name})
        except SavedView.DoesNotExist:
            raise Http404 from None
        except saved_views.NotPossible as not_possible:
            messages.error(request, str(not_possible))
            view = SavedView.objects.get(pk=id)
        return redirect(f"{reverse('console:saved_views')}?list={view.list}")


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User) or not request.user.has_perm("paydesk.view_customer"):
        raise PermissionDenied
    return request.user


def _conditions(query: str) -> str:
    """Without what belongs to a page of the list."""
    asked = QueryDict(query.lstrip("?"), mutable=True)
    for name in ("after", "before", "export", "resync"):
        asked.pop(name, None)
    return asked.urlencode()


def _shown(view: SavedView, now: str, person: User) -> ShownView:
    return ShownView(
        view=view,
        address=_address(view),
        current=QueryDict(view.conditions).dict() == QueryDict(now).dict(),
        mine=view.owner_id == person.pk,
        removable=saved_views.may_remove(view, person),
    )


def _address(view: SavedView) -> str:
    return f"{reverse(f'console:{view.list}')}?{view.conditions}".rstrip("?")
