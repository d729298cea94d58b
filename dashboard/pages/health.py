"""For machines: /healthz says that the process lives, /readyz that it can work. Neither asks for a log-in."""

from dataclasses import asdict
from datetime import datetime

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from finances.deadlines import deadline
from finances.metrics.deliveries import HOUR, Spread, lately
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
            now = timezone.now()
            state = asdict(readiness(now)) | _delays(now)
    except DatabaseError:
        return JsonResponse({"database": "down"}, status=503)
    return JsonResponse({"database": "up"} | state)


def _delays(now: datetime) -> dict[str, dict[str, float] | None]:
    """Of the last hour, not of a day as people see them: whoever asks does so every few seconds."""
    found = lately(now - HOUR, now)
    return {"delay_on_the_way": _in_seconds(found.way), "delay_here": _in_seconds(found.here)}


def _in_seconds(spread: Spread | None) -> dict[str, float] | None:
    return {"p50": spread.p50.total_seconds(), "p95": spread.p95.total_seconds()} if spread else None
