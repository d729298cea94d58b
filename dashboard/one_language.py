from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, override


class OneLanguageMiddleware:
    """Says which language is in force where none was chosen. Django would look for it anew at each of a page's thousand
    messages, which doubles what they take."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with override(get_language()):
            return self.get_response(request)
