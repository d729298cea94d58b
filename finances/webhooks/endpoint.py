"""The address that Stripe calls: method, size, then `intake`. No session, no cookie, no call to Stripe."""

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from finances.webhooks.intake import Refused, take_in

LARGEST_BODY = 1_000_000  # bytes; Stripe's largest events stay far below


@csrf_exempt
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """200 once the delivery is committed; 400, 411 or 413 keep nothing; 503 when the database is away."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    length = request.headers.get("Content-Length", "")
    if not (length.isascii() and length.isdigit() and len(length) < 12):
        return _answer(411, "Content-Length is missing")
    if int(length) > LARGEST_BODY:
        return _answer(413, "too large")
    signature = request.headers.get("Stripe-Signature", "")
    if not signature:
        return _answer(400, "no signature")
    body = request.read(LARGEST_BODY + 1)
    if len(body) > LARGEST_BODY:
        return _answer(413, "too large")
    try:
        delivery = take_in(body, signature, live=settings.STRIPE_LIVE_MODE, now=timezone.now())
    except Refused as refused:
        return _answer(400, str(refused))
    except DatabaseError:
        return _answer(503, "not kept: the database is away")
    return _answer(200, delivery)


def _answer(status: int, text: str) -> HttpResponse:
    response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    if status >= 400:
        response["Connection"] = "close"  # what is left of a refused body is not worth reading
    return response
