"""403 and 404 stand inside the shell for whoever is logged in, so that the search box is at hand."""

from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _explain(request, "403.html", 403, _("Not with your role"))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _explain(request, "404.html", 404, _("Nothing is here"))


def _explain(request: HttpRequest, template: str, status: int, title: str) -> HttpResponse:
    inside = hasattr(request, "user") and site.has_permission(request)
    context = (
        site.each_context(request) | {"crumbs": [(_("Overview"), reverse("admin:index")), (title, None)]}
        if inside
        else {}
    )
    base = "dashboard/base.html" if inside else "dashboard/bare.html"
    return render(request, template, context | {"title": title, "base": base}, status=status)
