"""From one end to the other without a browser: a local Stripe over HTTP, a worker drained by hand, Django's client."""

import hmac
import json
import os
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from finances.models import ResyncRun
from finances.resync.request import request_resync
from finances.worker import drain
from tests import mirrored_tables

WEATHER = pytest.StashKey[list[tuple[str, int, int, float]]]()


@pytest.fixture
def deliver(client) -> Callable[[dict[str, Any]], Any]:
    """POST an event of the local Stripe's to our address, signed as Stripe signs."""

    def post(event: dict[str, Any]):
        body, stamp = json.dumps(event).encode(), int(time.time())
        secret = os.environ["DJSTRIPE_WEBHOOK_SECRET"].encode()
        signature = hmac.new(secret, f"{stamp}.".encode() + body, sha256).hexdigest()
        return client.post(
            "/api/finances/stripe/webhook/",
            body,
            content_type="application/json",
            headers={"Stripe-Signature": f"t={stamp},v1={signature}"},
        )

    return post


@pytest.fixture
def read(stripe) -> Callable[[str], ResyncRun]:
    """Read something from the local Stripe into our tables, by a run."""

    def resync(target: str) -> ResyncRun:
        run = request_resync(target, now=timezone.now()).run
        drain()
        run.refresh_from_db()
        assert run.state == ResyncRun.State.COMPLETE, run.problem
        return run

    return resync


@pytest.fixture
def open_page(client) -> Callable[[str], str]:
    def get(path: str) -> str:
        answer = client.get(f"/console/{path}")
        assert answer.status_code == 200
        return answer.content.decode()

    return get


@pytest.fixture
def committed(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Real commits, for threads, and tables of the mirror that are empty before and after."""
    with django_db_blocker.unblock():
        mirrored_tables.empty(connection)
        yield
        mirrored_tables.empty(connection)
        connections.close_all()


@pytest.fixture(scope="session")
def weather(request) -> list[tuple[str, int, int, float]]:
    """Of each resync in bad weather: what it was, objects, calls, seconds."""
    return request.config.stash.setdefault(WEATHER, [])


def pytest_terminal_summary(terminalreporter, config) -> None:
    weather = config.stash.get(WEATHER, [])
    if not weather:
        return
    terminalreporter.write_line("")
    terminalreporter.write_line("a resync of everything                       objects   calls   seconds")
    for name, objects, calls, seconds in weather:
        terminalreporter.write_line(f"  {name:40} {objects:9,} {calls:7,} {seconds:9.1f}")
