"""Every call that reaches a local Stripe of this process, in its order and with its time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import parse_qsl

import pytest

from finances.sandbox.api import server


class Call(NamedTuple):
    """`came` and `answered`: seconds of a clock that only goes forward; `retry_after`: seconds that were asked for."""

    came: float
    answered: float
    path: str
    query: str
    status: int
    retry_after: float

    @property
    def parameters(self) -> dict[str, str]:
        return dict(parse_qsl(self.query))


@contextmanager
def calls_logged() -> Iterator[list[Call]]:
    """What the sandbox answers is put down before it goes out, whatever a fault makes of it on its way."""
    log: list[Call] = []
    answer = server.call

    def logged(sandbox, method, path, query, asked):
        came = time.monotonic()
        served = answer(sandbox, method, path, query, asked)
        retry_after = float(served.headers.get("Retry-After", 0))
        log.append(Call(came, time.monotonic(), path, query, served.status, retry_after))
        return served

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(server, "call", logged)
        yield log
