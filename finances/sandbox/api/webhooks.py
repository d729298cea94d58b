"""Signed deliveries: sent in order by one thread, tried again until they are taken."""

from __future__ import annotations

import heapq
import http.client
import random
import threading
import time
from collections import deque
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from finances.sandbox.api.hostile import BODIES, hostile_signature, signature
from finances.sandbox.engine.clock import Clock
from finances.sandbox.engine.identifiers import Identifiers
from finances.sandbox.engine.rendering import rendered_bytes
from finances.sandbox.engine.store import Store
from finances.sandbox.objects.webhooks import webhook_endpoint

HOUR = 3_600
# Seconds before each further try; after the last it is given up. Stripe backs off exponentially for up to three days in
# live mode, and in test mode tries three times more within a few hours. The sandbox does as in live mode unless told
# otherwise: a console that was down for a night gets everything.
PAUSES: dict[str, tuple[float, ...]] = {
    "live": (1, 5, 30, 120, 600, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR),
    "test": (10 * 60, HOUR, 3 * HOUR),
}
TIMEOUT = 20
OPTIONS = ("url", "secret", "late", "twice", "shuffle", "drop", "hostile", "pauses")


@dataclass(frozen=True)
class Endpoint:
    """`late` and `pauses` in seconds; `twice`, `drop` and those of `hostile`, by kind, are rates from 0 to 1.

    A hostile copy comes right before the true delivery, which comes all the same unless `drop` takes it: both at once
    would leave the other side nothing to be right about. It is sent once and never again, whatever is answered, and
    `twice` and `drop` do not touch it."""

    url: str
    secret: str
    late: float = 0.0
    twice: float = 0.0
    drop: float = 0.0
    shuffle: bool = False
    hostile: dict[str, float] = field(default_factory=dict)
    pauses: tuple[float, ...] = PAUSES["live"]


@dataclass(order=True)
class Delivery:
    """Ordered by when it is due, in monotonic seconds of a clock that can be moved on, then by its making."""

    due: float
    number: int
    event_id: str = field(compare=False)
    body: bytes = field(compare=False)
    tries: int = field(compare=False, default=0)
    kind: str = field(compare=False, default="")  # of a hostile one


class Webhooks:
    """One endpoint at most, which the API shows too, as an object without its secret."""

    def __init__(
        self, store: Store, lock: AbstractContextManager[object], seed: int, ids: Identifiers, clock: Clock
    ) -> None:
        self._store = store
        self._lock = lock
        self._ids = ids
        self._clock = clock
        self._random = random.Random(f"webhooks {seed}")
        self._endpoint: Endpoint | None = None
        self._shown: str | None = None  # the id of the endpoint's object
        self._endpoints = 0
        self._waiting: list[Delivery] = []  # a heap
        self._ready: deque[Delivery] = deque()
        self._numbered = 0
        self._moved = 0.0
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

        The sandbox's lock is held. ValueError in one sentence for a wrong value."""
        endpoint = _endpoint(wanted) if wanted else None
        self._show(endpoint)
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
        lost = self._random.random() < endpoint.drop  # for good: Stripe goes on believing that it is pending
        copies = 0 if lost else 2 if self._random.random() < endpoint.twice else 1
        hostile = [kind for kind, rate in endpoint.hostile.items() if self._random.random() < rate]
        if not (copies or hostile):
            return
        body = rendered_bytes(event_id, self._store)
        # A shuffled burst has to be complete before one of it is picked.
        due = self._now() + endpoint.late + (0.05 if endpoint.shuffle else 0.0)
        with self._changed:
            for kind in hostile + [""] * copies:
                self._numbered += 1
                bent = BODIES[kind](body) if kind else body
                heapq.heappush(self._waiting, Delivery(due, self._numbered, event_id, bent, kind=kind))
            self._changed.notify()

    def hurry(self, seconds: float) -> None:
        """The clock was moved on: what waits (late, or for its next try) waits so much less."""
        with self._changed:
            self._moved += seconds
            self._changed.notify()

    def _now(self) -> float:
        return time.monotonic() + self._moved

    def _show(self, endpoint: Endpoint | None) -> None:
        shown = self._store.get(self._shown) if self._shown else None
        if endpoint is None and shown is not None:
            self._store.delete(shown["id"])
        elif endpoint is not None and shown is not None:
            self._store.change(shown["id"], url=endpoint.url)
        elif endpoint is not None:
            self._endpoints += 1
            self._shown = f"we_1{self._ids.of(f'webhook endpoint {self._endpoints}', 23)}"
            self._store.put(webhook_endpoint(self._shown, self._clock.now(), endpoint.url))

    def _run(self) -> None:
        while (found := self._next()) is not None:
            endpoint, delivery = found
            sent = self._now()
            if _send(endpoint, delivery) and not delivery.kind:
                with self._lock:
                    if not self._stopped and delivery.event_id in self._store:
                        self._store.change(delivery.event_id, pending_webhooks=0)
            elif not delivery.kind and delivery.tries < len(endpoint.pauses):
                delivery.due = sent + endpoint.pauses[delivery.tries]
                delivery.tries += 1
                with self._changed:
                    if self._endpoint is not None:
                        heapq.heappush(self._waiting, delivery)

    def _next(self) -> tuple[Endpoint, Delivery] | None:
        """Waits for the first that is due, or any that is when the order is to be shuffled. None at the end."""
        with self._changed:
            while not self._stopped:
                now = self._now()
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
    sign = partial(hostile_signature, delivery.kind) if delivery.kind else signature
    connection = kind(parts.hostname or "127.0.0.1", parts.port, timeout=TIMEOUT)
    try:
        connection.request(
            "POST",
            (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            delivery.body,
            {
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": sign(endpoint.secret, int(time.time()), delivery.body),
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
    unknown = sorted(set(wanted) - set(OPTIONS))
    if unknown:
        raise ValueError(f"Unknown option: {unknown[0]}. Known: {', '.join(OPTIONS)}.")
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
    return Endpoint(
        url,
        secret,
        **numbers,
        shuffle=bool(wanted.get("shuffle")),
        hostile=_hostile(wanted.get("hostile") or {}),
        pauses=_pauses(wanted.get("pauses")),
    )


def _hostile(wanted: Any) -> dict[str, float]:
    if not isinstance(wanted, dict) or set(wanted) - set(BODIES):
        raise ValueError(f"hostile gives rates by kind: {', '.join(BODIES)}.")
    for kind, rate in wanted.items():
        if type(rate) not in (int, float) or not 0 <= rate <= 1:
            raise ValueError(f"hostile: the rate of {kind} is a number from 0 to 1.")
    return {kind: wanted[kind] for kind in BODIES if wanted.get(kind)}  # in one order, or a seed would not decide


def _pauses(wanted: Any) -> tuple[float, ...]:
    if wanted is None or (isinstance(wanted, str) and wanted in PAUSES):
        return PAUSES[wanted or "live"]
    if isinstance(wanted, list) and all(type(each) in (int, float) and 0 <= each <= 86_400 for each in wanted):
        return tuple(wanted)
    raise ValueError('pauses is "live", "test", or a list of seconds from 0 to a day, such as [1, 2].')
