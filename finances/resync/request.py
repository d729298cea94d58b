"""Ask for a resync. The caller has checked the permission; the work happens in a worker."""

from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from finances import audit, wakeups
from finances.models import ResyncRun, WakeUp
from finances.resync.plan import Plan, UnknownTarget, canonical, make_plan

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
    target = canonical(target)
    plan = make_plan(target, since=since, until=until)
    unfinished = ResyncRun.objects.filter(target=target, state__in=ResyncRun.UNFINISHED)
    try:
        return Requested(_new_run(target, plan, now, by, reason), already_running=False)
    except IntegrityError:
        # The partial unique index says that one has not ended: of fifty clicks, one makes the run.
        running = unfinished.first()
    if running is None:  # it ended in between
        return Requested(_new_run(target, plan, now, by, reason), already_running=False)
    return Requested(running, already_running=True)


def _new_run(target: str, plan: Plan, now: datetime, by: User | None, reason: str) -> ResyncRun:
    with transaction.atomic():
        run = ResyncRun.objects.create(
            target=target, requested_by=by, reason=reason, plan=plan.steps, total=plan.estimate, created_at=now
        )
        detail = {"run": str(run.id), "reason": reason}
        audit.record("paydesk.resync.requested", at=now, actor=by, target=target, detail=detail)
        wakeups.wake(WakeUp.Kind.RESYNCS, now=now)
    return run
