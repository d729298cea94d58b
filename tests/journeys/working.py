"""Workers' threads on the resyncs that are due, as many as the database bears."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from types import TracebackType

from django.db import connections
from django.utils import timezone

from finances.models import ResyncRun
from finances.resync import run as running
from finances.resync.request import request_resync

IS_POSTGRESQL = os.environ.get("PAYDESK_TEST_DATABASE") == "postgresql"
IS_FULL = bool(os.environ.get("PAYDESK_TEST_FULL"))
WORKERS = 2 if IS_POSTGRESQL else 1
MOST_ROUNDS = 200


class Clock:
    """The time of day, and ahead of it by as much as a pause between two tries would have taken."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return timezone.now() + self._ahead

    def forward_to(self, moment: datetime) -> None:
        self._ahead += max(timedelta(), moment - self())


def resync(target: str = "all", *, workers: int = WORKERS, **more) -> ResyncRun:
    """A run from its request to its end, in threads; what waits for a later try does not wait."""
    clock = Clock()
    run = request_resync(target, now=clock(), **more).run
    for _ in range(MOST_ROUNDS):
        with ThreadPoolExecutor(workers) as threads:
            for each in [threads.submit(work, clock) for _ in range(workers)]:
                each.result()
        run.refresh_from_db()
        if run.state not in ResyncRun.UNFINISHED:
            return run
        # Nobody works now, so nobody's lease is overtaken by this.
        clock.forward_to((running.next_due_at() or clock()) + timedelta(milliseconds=1))
    raise AssertionError(f"{run} did not end: {run.problem}")


def work(clock: Callable[[], datetime], stop: Callable[[], bool] = lambda: False) -> None:
    try:
        running.run_due(clock, stop=stop)
    finally:
        connections.close_all()


class AWorker:
    """One in a thread, from its start until nothing is due for it."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=work, args=(timezone.now, self._stop.is_set))

    def __enter__(self) -> "AWorker":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        self._stop.set()
        self._thread.join()

    @property
    def works(self) -> bool:
        return self._thread.is_alive()

    def seconds_to_end(self, most: float) -> float:
        began = time.monotonic()
        self._thread.join(most)
        return time.monotonic() - began


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
