"""Ask for a resync. The caller has checked the permission; the work happens in a worker."""

from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from finances import audit, wakeups
from finances.models import ResyncRun, WakeUp
from finances.resync.plan import UnknownTarget, make_plan

__all__ = ["Requested", "UnknownTarget", "request_resync"]


class Requested(NamedTuple):
    run: ResyncRun
    already_running: bool


def request_resync(
    target: str,
    *,
    now: datetime,
    by: User | None = None,
    reason: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Requested:
    """A queued run for `target` (a Stripe id, a type such as `customer`, or `all`), or the one that has not ended.

    `since` and `until` bound a type by creation. Raises UnknownTarget, in the user's words.
    """
    plan = make_plan(target, since=since, until=until)
    try:
        with transaction.atomic():
            run = ResyncRun.objects.create(
                target=target, requested_by=by, reason=reason, plan=plan.steps, total=plan.estimate, created_at=now
            )
            audit.record(
                "paydesk.resync.requested",
                at=now,
                actor=by,
                target=target,
                detail={"run": str(run.id), "reason": reason},
            )
            wakeups.wake(WakeUp.Kind.RESYNCS, now=now)
    except IntegrityError:
        # The partial unique index says that one has not ended: of fifty clicks, one makes the run.
        running = ResyncRun.objects.filter(target=target, state__in=ResyncRun.UNFINISHED).first()
        if running is None:
            raise
        return Requested(running, already_running=True)
    return Requested(run, already_running=False)
