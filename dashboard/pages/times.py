from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

COOKIE, EXACT = "paydesk_times", "exact"
A_YEAR = 365 * 24 * 3600  # seconds


class TimesView(View):
    """POST `times`, `exact` or anything else for distances: how this browser is shown times from now on. Back to
    `next`."""

    def post(self, request: HttpRequest) -> HttpResponse:
        back = request.POST.get("next", "")
        safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
        answer = redirect(back if safe else "console:overview")
        if request.POST.get("times") == EXACT:
            secure = settings.SESSION_COOKIE_SECURE
            answer.set_cookie(COOKIE, EXACT, max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax")
        else:
            answer.delete_cookie(COOKIE, samesite="Lax")
        return answer
