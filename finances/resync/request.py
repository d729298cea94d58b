"""Ask for a resync, or for a comparison with Stripe. The caller has checked the permission; a worker does the work."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from finances import audit, wakeups
from finances.models import ResyncPart, ResyncRun, WakeUp
from finances.redaction import without_keys
from finances.resync.plan import Plan, UnknownTarget, make_plan

__all__ = ["Requested", "UnknownTarget", "request_resync"]

Kind = ResyncRun.Kind


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
    ids: Iterable[str] = (),
    kind: ResyncRun.Kind = Kind.RESYNC,
) -> Requested:
    """A queued run for a target as `make_plan` takes it, or for `ids`; or the one of its kind that has not ended.

    `kind` compare: nothing of Stripe's is written, what differs is found. Raises UnknownTarget, in the user's words.
    """
    plan = make_plan(target, since=since, until=until, ids=ids, now=now)
    unfinished = ResyncRun.objects.filter(kind=kind, target=plan.target, state__in=ResyncRun.UNFINISHED)
    for _ in range(2):
        # Seen before anything is written: of fifty clicks, most come when the run is there.
        if running := unfinished.first():
            return Requested(running, already_running=True)
        try:
            return Requested(_new_run(plan, kind, now, by, reason), already_running=False)
        except IntegrityError:
            # The partial unique index says that one has not ended: of clicks at the same moment, one makes the run.
            continue
    if running := unfinished.first():
        return Requested(running, already_running=True)
    raise RuntimeError("Runs begin and end faster than one can be asked for.")


def _new_run(plan: Plan, kind: ResyncRun.Kind, now: datetime, by: User | None, reason: str) -> ResyncRun:
    with transaction.atomic():
        run = ResyncRun.objects.create(
            kind=kind,
            target=plan.target,
            scope=plan.scope,
            urgent=plan.urgent,
            requested_by=by,
            reason=without_keys(reason),
            total=plan.objects + plan.along,
            calls_planned=plan.calls,
            created_at=now,
        )
        ResyncPart.objects.bulk_create(
            [
                ResyncPart(run=run, number=number, stage=part.stage, needed_at=part.needed_at, step=part.step)
                for number, part in enumerate(plan.parts)
            ]
        )
        audit.record(
            f"paydesk.{action_of(kind)}.requested",
            at=now,
            actor=by,
            target=plan.target,
            detail={"run": str(run.id)} | ({"ids": ids} if (ids := plan.scope.get("ids")) else {}),
            personal={"reason": reason},
        )
        wakeups.wake(WakeUp.Kind.RESYNCS, now=now)
    return run


def action_of(kind: str) -> str:
    """What the audit trail calls it."""
    return "comparison" if kind == Kind.COMPARE else "resync"
