"""For machines: /healthz says that the process lives, /readyz that it can work. Neither asks for a log-in."""

from dataclasses import asdict

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from finances.deadlines import deadline
from finances.reads.health import readiness

PATIENCE = 1.2  # seconds for the database: whoever asks wants to know that it hangs, not to hang too


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 with counts and ages in seconds of the sync, 503 when the database does not answer."""
    try:
        with deadline(PATIENCE):
            state = readiness(timezone.now())
    except DatabaseError:
        return JsonResponse({"database": "down"}, status=503)
    return JsonResponse({"database": "up"} | asdict(state))
