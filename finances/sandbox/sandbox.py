"""Puts the parts together. `Sandbox(...)` makes the business, `start` serves it, `stop` ends it."""

from __future__ import annotations

import gc
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from finances.sandbox.activity import Activity
from finances.sandbox.api.faults import Faults
from finances.sandbox.api.keys import Keys
from finances.sandbox.api.server import Server, serve
from finances.sandbox.api.webhooks import Webhooks
from finances.sandbox.business.business import Business
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.clock import DAY, Clock
from finances.sandbox.engine.events import KEPT, Events
from finances.sandbox.engine.identifiers import Identifiers
from finances.sandbox.engine.periods import months_after
from finances.sandbox.engine.store import Store

FORGETTING = 7 * DAY  # how often old events are forgotten while the clock moves far


@contextmanager
def collector_resting() -> Iterator[None]:
    """History makes very many objects and no cycles: looking for some is a fifth of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Sandbox:
    """`months` of history, `customers` in all; the same seed and day give the same bytes.

    `now` is where the clock starts, today if it is not given; `clock_runs` false leaves all moving to
    /_sandbox/clock. `played` false plans the same history but plays none of it: the clock stands before its
    beginning, and moved to `now` it has made the same objects.
    """

    def __init__(
        self,
        customers: int = 500,
        months: int = 24,
        seed: int = 7,
        now: datetime | None = None,
        *,
        clock_runs: bool = True,
        played: bool = True,
    ) -> None:
        self.lock = threading.RLock()
        self.clock = Clock(now, clock_runs)
        self.store = Store()
        ids = Identifiers(seed)
        self.events = Events(self.store, ids)
        end = self.clock.history_ends
        start = months_after(end, -months)
        opened = min(start, months_after(end, -10)) - 20 * DAY  # before the first of the cast
        if not played:
            self.clock.set_back_to(opened)
        self.events.horizon = self.clock.now() - KEPT if not played else end - KEPT
        self.books = Books(self.store, self.events, ids, opened)
        self.business = Business(self.books, seed, opened)
        self.business.plan_history(customers, start, end)
        if played:
            with collector_resting():
                self.business.run_until(end)
        self.webhooks = Webhooks(self.store, self.lock, seed, ids, self.clock)
        self.events.deliver = self.webhooks.deliver
        self.faults = Faults(seed)
        self.keys = Keys()
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
        with self.lock:
            self.store.close()

    def move_on(self) -> int:
        """Lets the business catch up with the clock; gives how many events that made."""
        with self.lock:
            before = self.events.made
            now = self.clock.now()
            while self.books.at < now:
                reached = min(now, self.books.at + FORGETTING)
                self.business.run_until(reached, forgiving=True)
                self.events.forget_before(reached - KEPT)
            return self.events.made - before
