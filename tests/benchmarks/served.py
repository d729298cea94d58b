"""`dashboard.wsgi`, and beside it in the same process what it is compared with: a view that does nothing, one that
commits the body as a bare row (less no view can do that keeps what came), and dj-stripe's own. `python -m
tests.benchmarks.served` makes the tables, and the row that dj-stripe's view needs.
"""

import os

from dashboard.wsgi import application as paydesk
from tests.benchmarks.addresses import BARE, COMMIT, DJSTRIPE, EMPTY, ENDPOINT


def application(environ, start_response):
    if environ["PATH_INFO"] == BARE:  # what gunicorn alone takes
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok"]
    return paydesk(environ, start_response)


def _serve_beside() -> None:
    import stripe
    from django.conf import settings
    from django.db import connection
    from django.http import HttpResponse
    from django.urls import include, path
    from django.views.decorators.csrf import csrf_exempt

    from dashboard import urls

    def commit(request):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_row (body) VALUES (%s)", [request.body.decode()])
        return HttpResponse("ok", content_type="text/plain; charset=utf-8")

    # dj-stripe's view takes key and address from where dj-stripe has them; ours keeps them elsewhere.
    settings.STRIPE_TEST_SECRET_KEY = os.environ["STRIPE_TEST_SECRET_KEY"]
    stripe.api_base = settings.STRIPE_API_BASE
    stripe.api_version = settings.STRIPE_API_VERSION
    urls.urlpatterns += [
        path(EMPTY[1:], csrf_exempt(lambda request: HttpResponse("ok", content_type="text/plain; charset=utf-8"))),
        path(COMMIT[1:], csrf_exempt(commit)),
        path(DJSTRIPE[1:], include("djstripe.urls", namespace="djstripe")),
    ]


def make_tables() -> None:
    from django.db import connection
    from djstripe.models import WebhookEndpoint

    from dashboard.demo import make_tables

    make_tables()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_row (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text)")
    WebhookEndpoint.objects.create(
        id="we_benchmark",
        djstripe_uuid=ENDPOINT,
        secret=os.environ["DJSTRIPE_WEBHOOK_SECRET"],
        enabled_events=["*"],
        status="enabled",
        url="https://console.example/",
        livemode=False,
    )


_serve_beside()
if __name__ == "__main__":
    make_tables()
