"""How an alert leaves: Django's mail, and a POST to the team's chat."""

import http.client
import json
import os
import queue
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

PATIENCE = 5.0
"""Seconds that either way may take in all."""


class NotTaken(Exception):
    """The chat answered something else than that it took the message."""


class TooSlow(Exception):
    """It did not go within our patience; perhaps it went later."""


def by_email(subject: str, text: str) -> None:
    """Raises what the mailer raises."""
    _within_patience(EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, settings.ALERT_EMAILS).send)


def to_chat(subject: str, text: str) -> None:
    """As Slack, Mattermost and Teams take it. Follows no redirect: the address is a secret and goes nowhere else."""
    _within_patience(
        lambda: _post(os.environ["PAYDESK_ALERT_CHAT_URL"], json.dumps({"text": f"{subject}\n\n{text}"}).encode())
    )


def _post(address: str, body: bytes) -> None:
    parts = urlsplit(address)
    connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=PATIENCE)
    try:
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request("POST", target, body, {"Content-Type": "application/json"})
        status = connection.getresponse().status
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise NotTaken


def _within_patience(send: Callable[[], object]) -> None:
    """Time-outs of sockets hold for each of many steps; this holds for all of them together, and the worker waits no
    longer. What goes on in the background touches nothing of ours."""
    ended: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            send()
        except BaseException as error:
            ended.put(error)
        else:
            ended.put(None)

    threading.Thread(target=run, name="alert", daemon=True).start()
    try:
        error = ended.get(timeout=PATIENCE)
    except queue.Empty:
        raise TooSlow from None
    if isinstance(error, TimeoutError):
        raise TooSlow from None
    if error:
        raise error
