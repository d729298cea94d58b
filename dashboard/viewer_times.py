from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from dashboard.formatting import exact_times
from dashboard.pages.times import COOKIE, EXACT


class ViewerTimesMiddleware:
    """Times are shown in the viewer's zone, which the browser names in a cookie, the account's until it has; and as
    distances, or exactly where the viewer has said so in another cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        exactly = exact_times.set(request.COOKIES.get(COOKIE) == EXACT)
        try:
            with timezone.override(viewer_zone(request.COOKIES.get("paydesk_zone", ""))):
                return self.get_response(request)
        finally:
            exact_times.reset(exactly)


def viewer_zone(name: str) -> ZoneInfo | None:
    """None for a name that no zone has: then the account's zone stays."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return None
