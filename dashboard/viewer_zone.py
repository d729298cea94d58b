from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class ViewerZoneMiddleware:
    """Times are shown in the viewer's zone, which the browser names in a cookie; the account's until it has."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(viewer_zone(request.COOKIES.get("paydesk_zone", ""))):
            return self.get_response(request)


def viewer_zone(name: str) -> ZoneInfo | None:
    """None for a name that no zone has: then the account's zone stays."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return None
