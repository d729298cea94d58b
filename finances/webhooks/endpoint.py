"""The address that Stripe calls: method, size, then `intake`. No session, no cookie, no call to Stripe."""

import logging

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from finances.deadlines import deadline
from finances.incidents import log_incident
from finances.webhooks.arrivals import sender_of
from finances.webhooks.intake import take_in
from finances.webhooks.refusals import Reason, Refused, refusals

logger = logging.getLogger(__name__)

LARGEST_BODY = 1_000_000  # bytes; Stripe's largest events stay far below
PATIENCE = 1.2  # seconds for the database, so that 503 is said within 2
STATUS = {Reason.NO_LENGTH: 411, Reason.TOO_LARGE: 413, Reason.TOO_SLOW: 408}  # all others: 400


@csrf_exempt
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """200 once the delivery is committed; 400, 408, 411 or 413 keep nothing; 503 when the database is away."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    now = timezone.now()
    try:
        signature, body = _read(request)
        with deadline(PATIENCE):
            taken = take_in(
                body,
                signature,
                sender=sender_of(request, settings.TRUSTED_PROXIES),
                live=settings.STRIPE_LIVE_MODE,
                now=now,
            )
        answer = _answer(200, taken)
    except Refused as refused:
        refusals.count(refused.reason, now)
        answer = _answer(STATUS.get(refused.reason, 400), refused.reason)
        # It is counted; a line for each in Django's log would let anybody fill the disk.
        answer._has_been_logged = True  # type: ignore[attr-defined]  # Django's own mark, not in its types
    except (OperationalError, InterfaceError):
        return _answer(503, "not kept: the database is away")
    except Exception as error:
        # Django would log the text of it, which may quote the row, or the body.
        log_incident(logger, "A delivery was not kept", error)
        return _answer(503, "not kept")
    refusals.write_if_due()
    return answer


def _read(request: HttpRequest) -> tuple[str, bytes]:
    """The signature's header and the body, of which no more is read than one byte too many. Raises Refused."""
    length = request.headers.get("Content-Length", "")
    if not (length.isascii() and length.isdigit() and len(length) < 12):
        raise Refused(Reason.NO_LENGTH)
    if int(length) > LARGEST_BODY:
        raise Refused(Reason.TOO_LARGE)
    signature = request.headers.get("Stripe-Signature", "")
    if not signature:
        raise Refused(Reason.NO_SIGNATURE)
    try:
        body = request.read(LARGEST_BODY + 1)
    except UnreadablePostError as error:
        # The server cuts off what comes too slowly (`dashboard.wsgi`).
        raise Refused(Reason.TOO_SLOW if isinstance(error.__cause__, TimeoutError) else Reason.CUT_SHORT) from None
    if len(body) > LARGEST_BODY:
        raise Refused(Reason.TOO_LARGE)
    return signature, body


def _answer(status: int, text: str) -> HttpResponse:
    # Without a length the server would have to send it in chunks; no middleware behind us says it.
    headers = {"Content-Length": str(len(text))}
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8", headers=headers)
