"""How long one is willing to wait for PostgreSQL.

A server that is frozen keeps its client waiting for ever: `statement_timeout` is minded by the server itself, and TCP's
own limits see nothing wrong while the other side's kernel acknowledges. So the client has to look at the clock.
"""

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg

_until: ContextVar[float | None] = ContextVar("until", default=None)


@contextmanager
def deadline(seconds: float | None) -> Iterator[None]:
    """What PostgreSQL has not answered by then raises OperationalError, and its connection is closed.

    The statement may take effect all the same: only that nothing was heard of it is known. None: no deadline, whatever
    holds around it.
    """
    token = _until.set(None if seconds is None else time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


class Connection(psycopg.Connection[Any]):
    """The pool's connections: each keeps to the deadline of whoever uses it, the pool's own check included."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        until = _until.get()
        if until is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, max(until - time.monotonic(), 0.001))
        except psycopg.OperationalError:
            if time.monotonic() >= until:
                self.close()  # an answer that comes later must not be taken for the next statement's
            raise


def look_at(connection: psycopg.Connection[Any]) -> None:
    """The pool's check of a connection that it hands out: raises OperationalError when the server has closed it.

    Without asking the server, which would cost each request a way there and back: nothing is under way on a connection
    of the pool, so whatever can be read from it is its end. A server that is frozen is found by the deadline.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        connection.close()
        raise psycopg.OperationalError("the server has closed the connection")
