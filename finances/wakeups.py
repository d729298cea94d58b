"""Wake a worker: one pending wake-up a kind of work, asked for on commit.

The work itself is durable in our tables and a sweep looks for it every second, so a wake-up that is lost, late or
doubled is harmless, and a broker that is down costs the wake-up and nothing else.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from finances.models import WakeUp

logger = logging.getLogger(__name__)

STALE = timedelta(seconds=10)
"""A wake-up that nobody took for so long was lost, and may be asked for again."""

_enqueue: dict[str, Callable[[], object]] = {}


def on_wake(kind: str, enqueue: Callable[[], object]) -> None:
    """`finances.worker` says here how a task for `kind` is enqueued; so that this module need not know the tasks."""
    _enqueue[kind] = enqueue


def wake(kind: str, *, now: datetime) -> None:
    """After the transaction commits: mark the kind as pending and enqueue its task, unless one is pending already."""
    transaction.on_commit(lambda: _wake(kind, now), robust=True)


def _wake(kind: str, now: datetime) -> None:
    # Conditional: an unconditional update would make all webhooks wait for one row, at two thirds of the throughput.
    stale = Q(pending=False) | Q(asked_at__lt=now - STALE)
    if not WakeUp.objects.filter(stale, kind=kind).update(pending=True, asked_at=now):
        return
    try:
        _enqueue[kind]()
    except Exception:
        logger.warning("No wake-up for %s: the task queue did not take it; the sweep will find the work", kind)


def taken(kind: str) -> None:
    """The worker calls this before it looks for work, so that whatever comes later asks for a new wake-up."""
    WakeUp.objects.filter(kind=kind).update(pending=False)
