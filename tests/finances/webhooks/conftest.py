import hmac
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from hashlib import sha256

import pytest

from finances.webhooks.refusals import Refusals


def signed(body: bytes, *, secret: str | None = None, at: float | None = None) -> str:
    stamp = int(time.time() if at is None else at)
    secret = os.environ["DJSTRIPE_WEBHOOK_SECRET"] if secret is None else secret
    return f"t={stamp},v1={hmac.new(secret.encode(), f'{stamp}.'.encode() + body, sha256).hexdigest()}"


def event(event_id: str = "evt_1", type: str = "customer.updated", **more) -> dict:
    return {
        "id": event_id,
        "object": "event",
        "type": type,
        "created": 1_795_000_000,
        "api_version": "2026-05-27.dahlia",
        "livemode": False,
        "data": {"object": {"id": "cus_1", "object": "customer"}},
        **more,
    }


@pytest.fixture
def deliver(client):
    """POST an event, or raw bytes, as Stripe does."""

    def post(what: dict | bytes, *, signature: str | None = None, environment: dict | None = None, **headers):
        body = what if isinstance(what, bytes) else json.dumps(what).encode()
        return client.post(
            "/api/finances/stripe/webhook/",
            body,
            content_type="application/json",
            headers={"Stripe-Signature": signed(body) if signature is None else signature, **headers},
            **(environment or {}),
        )

    return post


@pytest.fixture
def committed(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Real commits, for threads and processes. Only what the intake writes is put back: to empty every table, as
    `django_db(transaction=True)` does, takes PostgreSQL five seconds a test."""
    from django.db import connections
    from django_tasks_db.models import DBTaskResult

    from finances.models import Delivery, RefusedPosts, WakeUp

    with django_db_blocker.unblock():
        yield
        for model in (Delivery, RefusedPosts, DBTaskResult):
            model.objects.all().delete()
        WakeUp.objects.update(pending=False, asked_at=None)
        connections.close_all()


def address_of_database() -> str:
    """DATABASE_URL of the tests' own database, for a process beside."""
    from django.db import connection

    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    port = database["PORT"] or 5432
    return f"postgres://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{port}/{database['NAME']}"


@pytest.fixture(autouse=True)
def refusals(monkeypatch) -> Refusals:
    """Counts of the test's own: those of a process would be written by whichever test comes a second later."""
    counts = Refusals()
    monkeypatch.setattr("finances.webhooks.endpoint.refusals", counts)
    return counts


class SilentPeer:
    """Takes connections and says nothing, as a service does that hangs. `met` counts them."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._held: list[socket.socket] = []
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def met(self) -> int:
        return len(self._held)

    def _accept(self) -> None:
        while True:
            try:
                self._held.append(self._listening.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for each in self._held:
            each.close()


@pytest.fixture
def silent_peer() -> Iterator[SilentPeer]:
    peer = SilentPeer()
    yield peer
    peer.close()


def at_once(number: int, do: Callable[[int], None]) -> None:
    """So many threads, let go together; each closes its own connection to the database."""
    from django.db import connections

    barrier = threading.Barrier(number)

    def run(index: int) -> None:
        barrier.wait(30)
        try:
            do(index)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
