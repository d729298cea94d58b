"""What every page of the console does: permission, crumbs, Unfold's shell around it, the part that HTMX asks for."""

from typing import Any, ClassVar

from django.contrib.admin import site
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.views.generic.base import ContextMixin, TemplateResponseMixin, View

from dashboard.formatting import Text

type Crumb = tuple[Text, str | None]


class Shell(PermissionRequiredMixin, TemplateResponseMixin, ContextMixin):
    """Mix into a class-based view. `dashboard.urls` wraps it in the admin's own log-in check.

    `partials`: names of `{% partialdef %}` blocks, each the same as the id of the element that it fills: a request of
    HTMX for that element gets only the block, without the shell.
    `crumbs()`: (text, address) pairs, the last one without an address. `notice()`: a sentence at the top of this page.
    """

    request: HttpRequest
    title: Text = ""
    partials: ClassVar[frozenset[str]] = frozenset()
    raise_exception = True

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.notices: list[str] = []
        if any("\x00" in str(value) for value in kwargs.values()):
            raise Http404("PostgreSQL holds no NUL, so no id has one.")
        super().setup(request, *args, **kwargs)  # type: ignore[misc]  # the View that this is mixed into

    def notice(self, sentence: str) -> None:
        self.notices.append(sentence)

    def crumbs(self) -> list[Crumb]:
        return [(self.title, None)]

    def partial(self) -> str | None:
        target = self.request.htmx.target if self.request.htmx else None  # type: ignore[attr-defined]  # by middleware
        return target if target in self.partials else None

    def get_template_names(self) -> list[str]:
        names = super().get_template_names()
        part = self.partial()
        return [f"{name}#{part}" for name in names] if part else names

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if not self.partial():
            self.request.current_app = site.name
            context |= site.each_context(self.request) | {"crumbs": self.crumbs()}
        return context | {"title": self.title, "notices": self.notices}


class Page(Shell, View):
    """A page that only reads: `get_context_data` says what is on it."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(**kwargs))
