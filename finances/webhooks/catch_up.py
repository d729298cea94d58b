"""Events that Stripe has and we lack: when its list of events is compared with ours, and who asks for it.

The comparison itself is in `comparison`, how far it got in `watermark`.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Max

from finances import audit
from finances.models import CatchUp, WorkerHeartbeat
from finances.reads.catch_ups import STRIPE_KEEPS, schedule, watermark
from finances.webhooks.comparison import claim_next, work_on
from finances.webhooks.watermark import beginning

__all__ = ["Requested", "request_catch_up", "run_due"]

Clock = Callable[[], datetime]
Cause = CatchUp.Cause

OVERLAP = timedelta(minutes=10)
"""A comparison begins so much before the watermark, because Stripe may list an event late."""
OF_ONE_START = timedelta(seconds=30)
"""A comparison that began so shortly before a worker started counts as this start's: several start together."""


class Requested(NamedTuple):
    catch_up: CatchUp
    already_running: bool


def request_catch_up(*, now: datetime, by: User | None = None, since: datetime | None = None) -> Requested:
    """A queued comparison, or the one that has not ended. The caller has checked the permission; a worker does it.

    `since`: from when on; without it, from a little before the watermark, and where there is none, all that Stripe
    still has. `by`: None for a command.
    """
    cause = Cause.PERSON if by else Cause.COMMAND
    for _ in range(2):
        if row := _begin(cause, since or _window(now) or now - STRIPE_KEEPS, now, by):
            return Requested(row, already_running=False)
        if standing := CatchUp.objects.filter(state__in=CatchUp.UNFINISHED).first():
            return Requested(standing, already_running=True)
    raise RuntimeError("Comparisons of events begin and end faster than one can be asked for.")


def run_due(clock: Clock, *, stop: Callable[[], bool] = lambda: False) -> int:
    """Begin a comparison when one is due, and work until none is left, or `stop` says so. How many were worked on.

    Due: after a start of a worker, and POLL after the last one ended. What Stripe refuses ends a comparison as failed;
    raises OperationalError when the database goes away: another worker then goes on.
    """
    _begin_if_due(clock())
    return work_off(clock, stop=stop)


def work_off(clock: Clock, *, stop: Callable[[], bool] = lambda: False) -> int:
    """Work on what was asked for or begun, and begin nothing. How many were worked on. Raises DatabaseError."""
    worked = 0
    while not stop() and (row := claim_next(clock())):
        work_on(row, clock, stop=stop)
        worked += 1
    return worked


def _begin_if_due(now: datetime) -> None:
    last = schedule()
    if last.standing:
        return
    alive = WorkerHeartbeat.objects.filter(seen_at__gt=now - WorkerHeartbeat.GONE_AFTER)
    started = alive.aggregate(at=Max("started_at"))["at"]
    is_start = last.began_at is None or (started and last.began_at < started - OF_ONE_START)
    # Of a worker that has not said yet that it started: live ones are never so late.
    is_late = last.next_at and last.next_at < now - OF_ONE_START
    if is_start or is_late:
        _begin(Cause.START, _window(now) or beginning(now), now)
    elif last.next_at and last.next_at <= now:
        _begin(Cause.SCHEDULE, _window(now) or beginning(now), now)


def _window(now: datetime) -> datetime | None:
    mark = watermark()
    return mark.at - OVERLAP if mark else None


def _begin(cause: str, since: datetime, now: datetime, by: User | None = None) -> CatchUp | None:
    """None when another one stands: a partial unique index lets one be unfinished at a time."""
    try:
        with transaction.atomic():
            row = CatchUp.objects.create(cause=cause, requested_by=by, since=since, created_at=now)
            if cause in (Cause.PERSON, Cause.COMMAND):
                detail = {"catch_up": row.pk, "since": since.isoformat()}
                audit.record("paydesk.catch_up.requested", at=now, actor=by, detail=detail)
    except IntegrityError:
        return None
    return row
