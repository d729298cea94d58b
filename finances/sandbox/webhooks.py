"""Signed deliveries: sent in order by one thread, tried again until they are taken."""

from __future__ import annotations

import hashlib
import heapq
import hmac
import http.client
import random
import threading
import time
from collections import deque
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from .rendering import rendered_bytes
from .store import Store

PAUSES = (1, 5, 30, 120, 600, 3_600)  # seconds before each further try; after the last it is given up
TIMEOUT = 20


def signature(secret: str, moment: int, body: bytes) -> str:
    """The value of Stripe-Signature: HMAC-SHA256 of "moment.body"."""
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={signed}"


@dataclass(frozen=True)
class Endpoint:
    """`late` in seconds; `twice` and `drop` are rates from 0 to 1."""

    url: str
    secret: str
    late: float = 0.0
    twice: float = 0.0
    drop: float = 0.0
    shuffle: bool = False


@dataclass(order=True)
class Delivery:
    """Ordered by when it is due (of time.monotonic()), then by its making."""

    due: float
    number: int
    event_id: str = field(compare=False)
    body: bytes = field(compare=False)
    tries: int = field(compare=False, default=0)


class Webhooks:
    def __init__(self, store: Store, lock: AbstractContextManager[object], seed: int) -> None:
        self._store = store
        self._lock = lock
        self._random = random.Random(f"webhooks {seed}")
        self._endpoint: Endpoint | None = None
        self._waiting: list[Delivery] = []  # a heap
        self._ready: deque[Delivery] = deque()
        self._numbered = 0
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="sandbox webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def point_at(self, wanted: dict[str, Any]) -> None:
        """Whatever waits goes to the new endpoint; `{}` stops sending, and forgets what waited.

        ValueError in one sentence for a wrong value."""
        endpoint = _endpoint(wanted) if wanted else None
        with self._changed:
            self._endpoint = endpoint
            if endpoint is None:
                self._waiting.clear()
                self._ready.clear()
            self._changed.notify()

    def deliver(self, event_id: str) -> None:
        """Queues the event, which then is pending (the sandbox's lock is held)."""
        endpoint = self._endpoint
        if endpoint is None:
            return
        self._store.change(event_id, pending_webhooks=1)
        if self._random.random() < endpoint.drop:
            return  # lost on the way: Stripe goes on believing that it is pending
        body = rendered_bytes(event_id, self._store)
        copies = 2 if self._random.random() < endpoint.twice else 1
        # A shuffled burst has to be complete before one of it is picked.
        due = time.monotonic() + endpoint.late + (0.05 if endpoint.shuffle else 0.0)
        with self._changed:
            for _ in range(copies):
                self._numbered += 1
                heapq.heappush(self._waiting, Delivery(due, self._numbered, event_id, body))
            self._changed.notify()

    def _run(self) -> None:
        while (found := self._next()) is not None:
            endpoint, delivery = found
            if _send(endpoint, delivery):
                with self._lock:
                    if delivery.event_id in self._store:
                        self._store.change(delivery.event_id, pending_webhooks=0)
            elif delivery.tries < len(PAUSES):
                delivery.due = time.monotonic() + PAUSES[delivery.tries]
                delivery.tries += 1
                with self._changed:
                    if self._endpoint is not None:
                        heapq.heappush(self._waiting, delivery)

    def _next(self) -> tuple[Endpoint, Delivery] | None:
        """Waits for the first that is due, or any that is when the order is to be shuffled. None at the end."""
        with self._changed:
            while not self._stopped:
                now = time.monotonic()
                while self._waiting and self._waiting[0].due <= now:
                    self._ready.append(heapq.heappop(self._waiting))
                if self._ready and self._endpoint is not None:
                    if self._endpoint.shuffle:
                        self._ready.rotate(-self._random.randrange(len(self._ready)))
                    return self._endpoint, self._ready.popleft()
                self._changed.wait(max(self._waiting[0].due - now, 0.001) if self._waiting else None)
        return None


def _send(endpoint: Endpoint, delivery: Delivery) -> bool:
    """True for any 2xx."""
    parts = urlsplit(endpoint.url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "127.0.0.1", parts.port, timeout=TIMEOUT)
    try:
        connection.request(
            "POST",
            (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            delivery.body,
            {
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": signature(endpoint.secret, int(time.time()), delivery.body),
                "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
                "Accept": "*/*; q=0.5, application/xml",
                "Cache-Control": "no-cache",
            },
        )
        answer = connection.getresponse()
        answer.read()  # a peer that is hung up on mid-answer logs a broken pipe
        return 200 <= answer.status < 300
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _endpoint(wanted: dict[str, Any]) -> Endpoint:
    unknown = sorted(set(wanted) - {"url", "secret", "late", "twice", "shuffle", "drop"})
    if unknown:
        raise ValueError(f"Unknown option: {unknown[0]}. Known: url, secret, late, twice, shuffle, drop.")
    url, secret = wanted.get("url"), wanted.get("secret")
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https"):
        raise ValueError("url is the http address that deliveries go to.")
    if not isinstance(secret, str) or not secret:
        raise ValueError("secret is the text that deliveries are signed with.")
    numbers = {}
    for name, most in (("late", 86_400.0), ("twice", 1.0), ("drop", 1.0)):
        value = wanted.get(name) or 0
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise ValueError(f"{name} is a number from 0 to {most:g}.")
        numbers[name] = float(value)
    return Endpoint(url, secret, **numbers, shuffle=bool(wanted.get("shuffle")))
