"""Puts the parts together. `Sandbox(...)` makes the business, `start` serves it, `stop` ends it."""

from __future__ import annotations

import random
import threading
from datetime import datetime

from .activity import Activity
from .books import Books
from .business import Business
from .clock import Clock
from .events import KEPT, Events
from .faults import Faults
from .identifiers import Identifiers
from .periods import months_after
from .server import Server, serve
from .store import Store
from .webhooks import Webhooks


class Sandbox:
    """`months` of history, `customers` in all; the same seed and day give the same bytes."""

    def __init__(self, customers: int = 500, months: int = 12, seed: int = 7, now: datetime | None = None) -> None:
        self.lock = threading.RLock()
        self.clock = Clock(now)
        self.store = Store()
        ids = Identifiers(seed)
        self.events = Events(self.store, ids)
        end = self.clock.history_ends
        start = months_after(end, -months)
        opened = min(start, months_after(end, -10)) - 20 * 86_400  # before the first of the cast
        self.events.horizon = end - KEPT
        self.books = Books(self.store, self.events, ids, opened)
        self.business = Business(self.books, seed, opened)
        self.business.history(customers, start, end)
        self.webhooks = Webhooks(self.store, self.lock, seed)
        self.events.deliver = self.webhooks.deliver
        self.faults = Faults(seed)
        self.labels = random.Random(f"requests {seed}")
        self.activity = Activity(self, seed)
        self.calls: dict[str, int] = {}
        self.stopping = threading.Event()
        self._server: Server | None = None

    def start(self, port: int = 0) -> str:
        """Listens on 127.0.0.1; gives the address. OSError when the port is taken."""
        self._server = serve(self, port)
        self.webhooks.start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self.stopping.set()
        self.webhooks.stop()
        if self._server is not None:
            self._server.shutdown()
            self._server.hang_up()
            self._server.server_close()

    def move_on(self) -> int:
        """Lets the business catch up with the clock; gives how many events that made."""
        with self.lock:
            before = self.events.made
            now = self.clock.now()
            self.business.run_until(now, forgiving=True)
            self.events.forget_before(now - KEPT)
            return self.events.made - before
