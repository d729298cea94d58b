"""The console under a WSGI server, which hands a body on as it comes: one that takes too long is cut off."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from django.core.wsgi import get_wsgi_application

BODY_PATIENCE = 3.0
"""Seconds that a body may take in all. A byte now and then would hold one of eight threads for hours."""

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")


class Watch:
    """Shuts the sockets whose body is overdue, for reading alone: the answer still goes out.

    A time-out of the socket would hold for each of its reads anew, and one call of the server's makes any number.
    """

    def __init__(self) -> None:
        self._open: dict[object, tuple[float, socket.socket]] = {}
        self._changing = threading.Condition()
        self._is_idle = False
        self._thread: threading.Thread | None = None

    def begin(self, reading: object, until: float, wire: socket.socket) -> None:
        with self._changing:
            self._open[reading] = until, wire
            if self._thread is None:  # here, since a server forks after it has loaded us
                self._thread = threading.Thread(target=self._run, name="slow bodies", daemon=True)
                self._thread.start()
            if self._is_idle:  # else it looks by itself within its pause: to wake it for each body costs each a switch
                self._changing.notify()

    def end(self, reading: object) -> None:
        with self._changing:
            self._open.pop(reading, None)

    def _run(self) -> None:
        while True:
            with self._changing:
                now = time.monotonic()
                for reading, (until, wire) in list(self._open.items()):
                    if until <= now:
                        del self._open[reading]
                        _shut(wire)
                self._is_idle = not self._open
                self._changing.wait(None if self._is_idle else 0.25)
                self._is_idle = False


def _shut(wire: socket.socket) -> None:
    with suppress(OSError):  # the peer has hung up
        wire.shutdown(socket.SHUT_RD)


_watch = Watch()


class Body:
    """`wsgi.input` whose reads take BODY_PATIENCE together; then TimeoutError, which Django takes for a body that
    cannot be read."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self._body, self._wire = environ["wsgi.input"], environ["gunicorn.socket"]
        self._left = BODY_PATIENCE
        # In chunks it says no length, and what stays of it is not known.
        self._unread = int(environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ)

    def read(self, *size: int) -> bytes:
        return self._hurried(self._body.read, *size)

    def readline(self, *size: int) -> bytes:
        return self._hurried(self._body.readline, *size)

    def _hurried(self, read: Callable[..., bytes], *size: int) -> bytes:
        started = time.monotonic()
        _watch.begin(self, started + self._left, self._wire)
        try:
            piece = read(*size)
        finally:
            _watch.end(self)
            self._left -= time.monotonic() - started
        if self._left <= 0:
            raise TimeoutError
        self._unread -= len(piece)
        return piece

    def give_up_the_rest(self) -> None:
        """The server reads what was left to keep the connection, and one read of it takes as long as bytes come."""
        if self._unread > 0:
            _shut(self._wire)


_console = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    # Only a server that gives its socket, as gunicorn does, can be hurried.
    if "gunicorn.socket" not in environ or environ.get("REQUEST_METHOD") in ("GET", "HEAD"):
        return _console(environ, start_response)
    body = environ["wsgi.input"] = Body(environ)
    try:
        return _console(environ, start_response)
    finally:
        body.give_up_the_rest()
