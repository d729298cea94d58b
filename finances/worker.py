"""What a worker does: tasks that were woken, a sweep that finds what no task came for, and a sign of life.

A thread for each kind of work, so that none keeps another waiting: webhooks, resyncs, comparisons with Stripe's list
of events, exports, daily totals, the watch over all of it, the seals of the audit trail, what has served its time, the
house.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, close_old_connections, connection, connections
from django.tasks import TaskResultStatus, task
from django.utils import timezone

from finances import wakeups
from finances.audit import sealing
from finances.exports import making
from finances.exports.pruning import prune_exports
from finances.incidents import log_incident
from finances.models import WakeUp, WorkerHeartbeat
from finances.resync import nightly, run
from finances.retention import pruning
from finances.totals import products, settling
from finances.watch import alerts, look
from finances.webhooks import catch_up, processing, refusals, replay

logger = logging.getLogger(__name__)

SWEEP = 1.0  # seconds between two looks for work that no wake-up came for
POLL = 0.1  # seconds between two looks into the task queue, where the database is the queue
TURN = 5.0  # seconds of processing between two looks for replays
SETTLE_IN_BULK = 20.0
REST = 10  # times as long as counting products took, until they are counted again: one is counted whole, however large
"""Seconds between two sums of the marked days while a resync writes: each page marks the same days again."""
HEARTBEAT = 5.0  # seconds
WATCH = 30.0  # seconds between two looks at how the sync is
SEALS = 60.0  # seconds between two batches of the audit trail's entries
HOUSEKEEPING = 3600.0  # seconds
REFUSALS_STAY = timedelta(days=30)
RESYNC_THREADS = 6
"""While one writes a page, the others wait for Stripe: of an answer that takes 300 ms, 20 a second are 6 at a time."""
NEXT_STAGE = 0.25  # seconds until the first look for what others are about to make due; then longer, up to a sweep
PATIENCE = timedelta(minutes=1)
"""How long a draining worker waits for a delivery whose next try is not due yet."""

Clock = Callable[[], datetime]


_stopping: ContextVar[Callable[[], bool]] = ContextVar("stopping", default=lambda: False)
"""Whether the worker around a task is asked to stop; Celery's own workers stop their tasks themselves."""


@task(queue_name=WakeUp.Kind.DELIVERIES.value)
def process_deliveries() -> None:
    wakeups.taken(WakeUp.Kind.DELIVERIES)
    _quietly(deliveries_due)


@task(queue_name=WakeUp.Kind.RESYNCS.value)
def run_resyncs() -> None:
    wakeups.taken(WakeUp.Kind.RESYNCS)
    _quietly(run.run_due)


@task(queue_name=WakeUp.Kind.EXPORTS.value)
def make_exports() -> None:
    wakeups.taken(WakeUp.Kind.EXPORTS)
    _quietly(making.make_due)


def deliveries_due(clock: Clock, *, stop: Callable[[], bool] = lambda: False) -> int:
    """Put back what is to be replayed, and process what is due, in turns, until nothing is left or `stop` says so.

    The number of deliveries and replays worked on. In turns: where more comes in than goes out, nothing else would ever
    have its turn.
    """
    worked = 0
    while not stop():
        some = _replays_due(clock, stop) + processing.process_due(clock, stop=_for_a_turn(stop))
        worked += some
        if not some:
            break
    return worked


def _for_a_turn(stop: Callable[[], bool]) -> Callable[[], bool]:
    end = time.monotonic() + TURN
    return lambda: stop() or time.monotonic() > end


def _replays_due(clock: Clock, stop: Callable[[], bool]) -> int:
    try:
        return replay.spread_due(clock, stop=stop)
    except DatabaseError:
        raise
    except Exception as error:
        log_incident(logger, "Replays: deliveries go on after an error", error)
        return 0


def _quietly(do_due: Callable[..., int]) -> None:
    """A task queue keeps the text of an exception, which may quote a row; the work is kept in our tables anyway."""
    try:
        do_due(timezone.now, stop=_stopping.get())
    except Exception as error:
        log_incident(logger, "A task ended early; the sweep takes its work up", error)


wakeups.on_wake(WakeUp.Kind.DELIVERIES, process_deliveries.enqueue)
wakeups.on_wake(WakeUp.Kind.RESYNCS, run_resyncs.enqueue)
wakeups.on_wake(WakeUp.Kind.EXPORTS, make_exports.enqueue)


def drain(clock: Clock = timezone.now) -> None:
    """Work until nothing is left to do: also what is due within a minute, or what a worker that died still holds."""
    while True:
        worked = catch_up.work_off(clock) + deliveries_due(clock) + run.run_due(clock)
        worked += making.make_due(clock) + settling.settle_due(clock) + products.count_due()
        if worked:
            continue
        if processing.due(clock()).exists():  # another worker has them in hand
            time.sleep(POLL)
            continue
        due_at = (processing.next_due_at(), run.next_due_at(), making.next_due_at())
        soon = [at for at in due_at if at and at <= clock() + PATIENCE]
        if not soon:
            return
        time.sleep(min(1.0, max(0.05, (min(soon) - clock()).total_seconds())))


class Worker:
    """Start, then stop."""

    def __init__(self, clock: Clock = timezone.now) -> None:
        self.name = f"{socket.gethostname()[:48]}:{os.getpid()}"
        self._clock = clock
        self._asked_to_stop = threading.Event()
        # SQLite has one lock for all who write: a second thread would leave it to nobody else.
        threads = RESYNC_THREADS if connection.vendor == "postgresql" else 1
        works: tuple[tuple[Any, ...], ...] = (
            ("deliveries", deliveries_due, SWEEP, WakeUp.Kind.DELIVERIES),
            ("resyncs", self._resync, SWEEP, WakeUp.Kind.RESYNCS),
            *((f"resyncs {number}", self._resync, SWEEP) for number in range(2, threads + 1)),
            ("exports", making.make_due, SWEEP, WakeUp.Kind.EXPORTS),
            ("comparisons", catch_up.run_due, SWEEP),
            ("daily totals", self._settle, SWEEP),
            ("watch", self._watch, WATCH),
            ("seals of the audit trail", sealing.seal_due, SEALS),
            ("sign of life", self._give_a_sign_of_life, HEARTBEAT),
            ("what has served its time", pruning.prune_due, HOUSEKEEPING),
            ("house", self._keep_house, HOUSEKEEPING),
        )
        self._threads = [threading.Thread(target=self._work, args=work, name=work[0]) for work in works]
        self._started_at = clock()
        self._settled_at = -SETTLE_IN_BULK
        self._counting_from = 0.0

    def start(self) -> None:
        with suppress(DatabaseError):
            # Before anything else: what is done once at each start (`catch_up`) is told by it.
            self._give_a_sign_of_life(self._clock, stop=self._asked_to_stop.is_set)
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 10) -> None:
        """Ask to stop, and wait: what is in hand is finished or handed back within a page."""
        self._asked_to_stop.set()
        for thread in self._threads:
            if thread.ident is not None:  # started
                thread.join(timeout)
        with suppress(DatabaseError):  # it counts as gone in a moment anyway
            WorkerHeartbeat.objects.filter(worker=self.name).delete()

    def _settle(self, clock: Clock, *, stop: Callable[[], bool]) -> None:
        since = time.monotonic() - self._settled_at
        if since >= SETTLE_IN_BULK or not run.is_at_work_in_bulk(clock()):
            settling.settle_due(clock, stop=stop)
            self._settled_at = time.monotonic()
        if time.monotonic() >= self._counting_from:
            began = time.monotonic()
            products.count_due(stop=stop)
            ended = time.monotonic()
            self._counting_from = ended + REST * (ended - began)

    def _resync(self, clock: Clock, *, stop: Callable[[], bool]) -> None:
        """All that is due, and what comes after it: of a run that others are at, the next stage is for all."""
        pause = NEXT_STAGE
        while not stop():
            if run.run_due(clock, stop=stop):
                pause = NEXT_STAGE
            elif not run.is_shared(clock()):
                return
            self._asked_to_stop.wait(pause)
            pause = min(SWEEP, 2 * pause)  # a stage may take long, and each look is two questions to the database

    def _work(self, name: str, do: Callable[..., object], every: float, kind: WakeUp.Kind | None = None) -> None:
        """`do` it all `every` so many seconds, and the tasks of its kind as they come."""
        _stopping.set(self._asked_to_stop.is_set)
        done = -every
        while True:
            try:
                close_old_connections()
                if kind:
                    self._run_tasks(kind)
                if time.monotonic() - done >= every:
                    do(self._clock, stop=self._asked_to_stop.is_set)
                    done = time.monotonic()
            except DatabaseError:
                logger.warning("%s: the database is away; trying again in %s s", name, HEARTBEAT)
                self._asked_to_stop.wait(HEARTBEAT)
            except Exception as error:
                # A worker that ends over one surprise would leave everything else undone.
                log_incident(logger, f"{name}: the worker goes on after an error", error)
                self._asked_to_stop.wait(SWEEP)
            if self._asked_to_stop.wait(POLL if kind else min(every, SWEEP)):
                break
        connections.close_all()

    def _watch(self, clock: Clock, *, stop: Callable[[], bool]) -> None:
        look.look(clock())
        if not stop():
            alerts.tell(clock)

    def _give_a_sign_of_life(self, clock: Clock, *, stop: Callable[[], bool]) -> None:
        WorkerHeartbeat.objects.update_or_create(
            worker=self.name, defaults={"started_at": self._started_at, "seen_at": clock()}
        )

    def _keep_house(self, clock: Clock, *, stop: Callable[[], bool]) -> None:
        """Away with small things; and once a night, a sample of what is here is compared with Stripe."""
        now = clock()
        refusals.prune_refusals(now, REFUSALS_STAY)
        prune_exports(now)
        if settings.TASKS_BACKEND == "database":
            call_command("prune_db_task_results", min_age_days=1, verbosity=0)
        nightly.sample_when_due(now, timezone.get_default_timezone())

    def _run_tasks(self, kind: WakeUp.Kind) -> None:
        """The tasks that wait in this kind's queue, where the queue is the database; Celery runs its own."""
        if settings.TASKS_BACKEND != "database":
            return
        from django_tasks_db.management.commands.db_worker import Worker as TaskRunner
        from django_tasks_db.models import DBTaskResult

        # Its runner takes the write lock before it looks, so look first; that a task may be meant for later, as none of
        # ours is, the runner asks: asked here, thirty times a second, it was a tenth of what a worker does.
        waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY, queue_name=kind.value)
        if not waiting.exists():
            return
        TaskRunner(
            queue_names=[kind.value],
            excluded_queue_names=[],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=1,
            worker_id=self.name,
        ).run()
