"""Wake a worker: one pending wake-up a kind of work, asked for on commit.

The work itself is durable in our tables and a sweep looks for it every second, so a wake-up that is lost, late or
doubled is harmless, and a broker that is down costs the wake-up and nothing else.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, connections, transaction

from finances.deadlines import deadline
from finances.models import WakeUp

logger = logging.getLogger(__name__)

STALE = timedelta(seconds=10)
"""A wake-up that nobody took for so long was lost, and may be asked for again."""

PATIENCE = 0.5
"""Seconds that a request waits for the queue to take a wake-up. The work is kept by then, and the sweep finds it."""

_enqueue: dict[str, Callable[[], object]] = {}
_asking: dict[str, threading.Thread] = {}


def on_wake(kind: str, enqueue: Callable[[], object]) -> None:
    """`finances.worker` says here how a task for `kind` is enqueued; so that this module need not know the tasks."""
    _enqueue[kind] = enqueue


def wake(kind: str, *, now: datetime) -> None:
    """After the transaction commits: mark the kind as pending and enqueue its task, unless one is pending already."""
    transaction.on_commit(lambda: _wake(kind, now), robust=True)


def asking(kind: str, now: datetime) -> tuple[str, list[Any]]:
    """The UPDATE that marks the kind as pending unless it is, open for more conditions; and its parameters.

    Open, for who has a statement to make it part of: on PostgreSQL. After the commit, if it marked a row: `enqueue`.
    """
    # Conditional: an unconditional update would make all webhooks wait for one row, at two thirds of the throughput.
    statement = (
        f"UPDATE {WakeUp._meta.db_table} SET pending = true, asked_at = %s "  # noqa: S608  # nosec B608  # our own table's name
        "WHERE kind = %s AND (NOT pending OR asked_at < %s)"
    )
    moment = connection.ops.adapt_datetimefield_value
    return statement, [moment(now), kind, moment(now - STALE)]


def enqueue(kind: str) -> None:
    """After the transaction commits: enqueue the kind's task. What marked it as pending is in that transaction."""
    transaction.on_commit(lambda: _enqueue_task(kind), robust=True)


def _wake(kind: str, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(*asking(kind, now))
        if cursor.rowcount:
            _enqueue_task(kind)


def _enqueue_task(kind: str) -> None:
    if settings.TASKS_BACKEND != "celery":
        # In the caller's connection: the work itself, which is not the answer's to limit, or a row in our own database.
        with deadline(None if settings.TASKS_BACKEND == "immediate" else PATIENCE):
            _ask(kind)
        return
    # Another machine's process: one that hangs keeps a thread of its own, no answer. Its client libraries have a
    # timeout for each step, and none for all of them.
    if (asking := _asking.get(kind)) and asking.is_alive():
        return
    _asking[kind] = threading.Thread(target=_ask_elsewhere, args=(kind,), name=f"wake {kind}", daemon=True)
    _asking[kind].start()
    _asking[kind].join(PATIENCE)


def _ask_elsewhere(kind: str) -> None:
    try:
        _ask(kind)
    finally:
        connections.close_all()


def _ask(kind: str) -> None:
    try:
        _enqueue[kind]()
    except Exception:
        logger.warning("No wake-up for %s: the task queue did not take it; the sweep will find the work", kind)
        connection.close_if_unusable_or_obsolete()  # whoever committed goes on with a new one


def taken(kind: str) -> None:
    """The worker calls this before it looks for work, so that whatever comes later asks for a new wake-up."""
    WakeUp.objects.filter(kind=kind).update(pending=False)
