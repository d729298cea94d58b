"""One process that answers pages of one database, as a web server's would: the whole application, its middleware
included, without the network. It reads a command a line and writes an answer a line, both JSON.

`ours` runs with the console's settings, `peer` with those of tests.benchmarks.peer_settings: dj-stripe's own admin.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import django

Json = dict[str, Any]


class Pages:
    def __init__(self, application: Callable[..., Any], cookie: str) -> None:
        self._application = application
        self._cookie = cookie

    def get(self, path: str) -> tuple[int, int, float]:
        """Status, bytes and milliseconds."""
        address, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": address,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": self._cookie,
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
            "wsgi.errors": sys.stderr,
        }
        answered: list[str] = []
        started = time.perf_counter()
        response = self._application(environ, lambda status, headers: answered.append(status))
        body = b"".join(response)
        response.close()
        spent = (time.perf_counter() - started) * 1_000
        return int(answered[0].split()[0]), len(body), spent


class Statements:
    """What was asked of the database, with the milliseconds until its rows could be read."""

    def __init__(self) -> None:
        self.spent: list[tuple[float, str]] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.spent.append(((time.perf_counter() - started) * 1_000, sql))


@contextmanager
def counting() -> Any:
    from django.db import connection

    statements = Statements()
    with connection.execute_wrapper(statements):
        yield statements


def main(whose: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "dashboard.settings" if whose == "ours" else "tests.benchmarks.peer_settings"
    django.setup()
    if whose == "ours":
        _serve_empty_pages()
    from django.core.handlers.wsgi import WSGIHandler

    cookie = _logged_in()
    pages = Pages(WSGIHandler(), cookie)
    commands: dict[str, Callable[..., Any]] = {
        "list": _list,
        "get": lambda path: dict(zip(("status", "bytes", "ms"), pages.get(path), strict=True)),
        "look": lambda path: _look(pages, path),
        "sql": _sql,
        "cookie": lambda: cookie,
    }
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(commands[asked.pop("do")](**asked)), flush=True)


def _list() -> list[Json]:
    from dataclasses import asdict

    from tests.benchmarks.page_list import pages

    return [asdict(each) for each in pages()]


def _look(pages: Pages, path: str) -> Json:
    """Once, with an eye on its statements: not for the time of the page."""
    with counting() as statements:
        status, size, _ = pages.get(path)
    spent = sorted(statements.spent, reverse=True)
    return {
        "status": status,
        "kb": round(size / 1_000, 1),
        "queries": len(spent),
        "sql_ms": round(sum(ms for ms, _ in spent), 2),
        "slowest_ms": round(spent[0][0], 2) if spent else 0.0,
        "slowest": " ".join(spent[0][1].split())[:300] if spent else "",
    }


def _sql(query: str) -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        started = time.perf_counter()
        cursor.execute(query)
        cursor.fetchall()
        return (time.perf_counter() - started) * 1_000


def _logged_in() -> str:
    """The cookie of somebody who may see everything."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group
    from django.test import Client

    user, _ = get_user_model().objects.get_or_create(
        username="benchmark@paydesk.test", defaults={"is_staff": True, "is_superuser": False}
    )
    user.groups.add(*Group.objects.filter(name="Admin"))
    if os.environ["DJANGO_SETTINGS_MODULE"].endswith("peer_settings"):
        user, _ = get_user_model().objects.get_or_create(
            username="peer@paydesk.test", defaults={"is_staff": True, "is_superuser": True}
        )
    client = Client()
    client.force_login(user)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def _serve_empty_pages() -> None:
    """Pages with nothing on them, beside the console's own: in our shell, and in Unfold's as it comes."""
    from django.conf import settings
    from django.template import engines
    from django.template.backends.django import DjangoTemplates
    from django.template.response import TemplateResponse

    from dashboard import urls
    from dashboard.pages.shell import Page
    from dashboard.templatetags import banners

    class EmptyPage(Page):
        title = "Nothing"
        permission_required = "paydesk.view_customer"
        template: Any = engines["django"].from_string('{% extends "dashboard/base.html" %}')

        def render_to_response(self, context: Json, **_: Any) -> TemplateResponse:
            return TemplateResponse(self.request, self.template, context)

    class UnfoldsEmptyPage(EmptyPage):
        # Templates of the packages alone: none of ours is in front of them.
        template = DjangoTemplates(
            {"NAME": "unfold", "DIRS": [], "APP_DIRS": True, "OPTIONS": dict(settings.TEMPLATES[0]["OPTIONS"])}
        ).from_string('{% extends "admin/base.html" %}')

    banners.SHOWN["floor"] = ("customer",)  # a page of Stripe's objects asks whether the key may read them
    urls.urlpatterns.insert(0, urls.page("console/floor/", EmptyPage, "floor"))
    urls.urlpatterns.insert(0, urls.page("console/floor/unfold/", UnfoldsEmptyPage, "floor-unfold"))


if __name__ == "__main__":
    main(sys.argv[1])
