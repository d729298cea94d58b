"""Work on a resync: claim a run, page by page through its plan, its place saved with each page.

A worker that dies leaves its place on the row: the next one reads at most one page again. A problem with one step does
not hide the others: it is kept as a failure with what to do, and the run ends as partial, never as complete.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from finances import audit, mirror
from finances.gateway import Gateway, KeyRefused, PlaceLost, StripeProblem, StripeUnreachable
from finances.models import ResyncFinding, ResyncRun
from finances.resync.differences import differences
from finances.tickets import lease_end, locked, take_ticket

logger = logging.getLogger(__name__)
State = ResyncRun.State
Kind = ResyncFinding.Kind
Clock = Callable[[], datetime]
type Place = dict[str, Any]

MOST_TRIES = 3
"""Of a step whose problem may pass; each of them is several tries of the gateway."""
MOST_UNREACHABLE = 2
"""Steps in a row to which Stripe could not be reached, before a run gives up."""


class LostRun(Exception):
    """Somebody else works on it by now, or a person cancelled or paused it: stop where we are."""


def run_due(clock: Clock, *, stop: Callable[[], bool] = lambda: False) -> int:
    """Work until no run is due, or `stop` says so. The number of runs that were worked on."""
    worked = 0
    while not stop() and (run := claim_next(clock())):
        work_on(run, clock, stop=stop)
        worked += 1
    return worked


def claim_next(now: datetime, run_id: UUID | None = None) -> ResyncRun | None:
    """The oldest run that is queued or was left by a worker that died (or the one asked for), claimed; else None."""
    due = ResyncRun.objects.filter(Q(state=State.QUEUED) | Q(state=State.RUNNING, lease_until__lt=now))
    if run_id:
        due = due.filter(pk=run_id)
    with transaction.atomic():
        run = locked(due).order_by("created_at").first()
        if run is None:
            return None
        run.state, run.claim, run.lease_until = State.RUNNING, run.claim + 1, lease_end(now)
        run.started_at = run.started_at or now
        run.save(update_fields=["state", "claim", "lease_until", "started_at"])
    return run


def work_on(run: ResyncRun, clock: Clock, *, stop: Callable[[], bool] = lambda: False) -> None:
    """Go on from the saved place to the end of the plan, and record the end."""
    gateway = Gateway()
    unreachable = 0
    try:
        while run.cursor.get("step", 0) < len(run.plan):
            if stop():
                _release(run)
                return
            problem = _step(run, gateway, clock)
            unreachable = unreachable + 1 if isinstance(problem, StripeUnreachable) else 0
            if isinstance(problem, KeyRefused) or (problem and unreachable == MOST_UNREACHABLE):
                # Nothing that follows can succeed either.
                _finish(run, clock(), State.FAILED, f"{problem.sentence} {problem.advice}")
                return
        _finish(run, clock(), State.PARTIAL if run.failed else State.COMPLETE)
    except LostRun:
        return
    except Exception as error:
        logger.exception("Resync run %s stopped", run.pk)
        _finish(
            run, clock(), State.FAILED, f"Paydesk could not go on ({type(error).__name__}); the log has the details."
        )


def _step(run: ResyncRun, gateway: Gateway, clock: Clock) -> StripeProblem | None:
    """One object, or one page of a list; what was found and the new place are saved in one transaction.

    What may pass is put at the end of the plan and tried again there, from the same page on.
    """
    number, calls_before = run.cursor.get("step", 0), gateway.calls
    step = run.plan[number]
    after = run.cursor.get("after", step.get("after", ""))
    following: Place = {"step": number + 1}
    written: list[mirror.Written] = []
    problem: StripeProblem | None = None
    try:
        if "id" in step:
            written = mirror.read_and_write(gateway, step["type"], step["id"], now=clock())
            if _is_unknown(written[0]):
                following = {"step": len(run.plan)}  # nothing can hang on it
        else:
            ticket, now = take_ticket(), clock()
            page = gateway.page(step["type"], after=after, **step["filters"])
            if page.objects:
                written = mirror.write(gateway, step["type"], page.objects, ticket=ticket, now=now)
            if page.has_more and page.objects:
                following = {"step": number, "after": page.objects[-1]["id"]}
    except PlaceLost as lost:
        problem, after = lost, ""
    except StripeProblem as stopped:
        problem = stopped
    tries = step.get("tries", 1)
    again = problem is not None and (problem.may_pass or isinstance(problem, PlaceLost)) and tries < MOST_TRIES
    if again:
        run.plan.append({**step, "after": after, "tries": tries + 1})
    with transaction.atomic():
        _keep_place(run, clock(), following, gateway.calls - calls_before)
        if problem and not again:
            _note_failure(run, step.get("id") or f"all {step['type']}s", step["type"], problem, clock())
        _note(run, written, clock())
    return problem


def _is_unknown(written: mirror.Written) -> bool:
    """Stripe has no such object, and we never knew one either."""
    return written.outcome == mirror.Outcome.GONE and written.before is None


def _keep_place(run: ResyncRun, now: datetime, cursor: Place, calls: int) -> None:
    held = ResyncRun.objects.filter(pk=run.pk, claim=run.claim, state=State.RUNNING)
    if not held.update(cursor=cursor, plan=run.plan, lease_until=lease_end(now), calls=F("calls") + calls):
        raise LostRun
    run.cursor = cursor


def _note(run: ResyncRun, written: list[mirror.Written], now: datetime) -> None:
    """Counts and findings. What came along as a parent or a part counts like what was asked for."""
    outcomes = mirror.Outcome
    unknown = [it for it in written if _is_unknown(it)]
    counted = [it for it in written if it not in unknown]
    kinds = {outcomes.CHANGED: Kind.CHANGED, outcomes.NEW: Kind.NEW, outcomes.GONE: Kind.GONE}
    ResyncFinding.objects.bulk_create(
        [
            ResyncFinding(
                run=run,
                object_id=it.id,
                object_type=it.type,
                kind=kinds[it.outcome],
                differences=differences(it.before, it.data) if it.outcome == outcomes.CHANGED and it.before else [],
                found_at=now,
            )
            for it in counted
            if it.outcome in kinds
        ],
        ignore_conflicts=True,
    )
    for it in unknown:
        _note_failure(
            run,
            it.id,
            it.type,
            StripeProblem(
                f"Stripe has no {it.type.replace('_', ' ')} with this id.",
                "Check the id, and that it belongs to this account and mode.",
            ),
            now,
        )
    count = {kind: sum(it.outcome == kind for it in counted) for kind in outcomes}
    run.done += len(counted)
    run.changed += count[outcomes.CHANGED]
    run.new += count[outcomes.NEW]
    run.gone += count[outcomes.GONE]
    run.total = max(run.total, run.done)
    run.save(update_fields=["done", "changed", "new", "gone", "total", "failed"])


def _note_failure(run: ResyncRun, object_id: str, object_type: str, problem: StripeProblem, now: datetime) -> None:
    ResyncFinding.objects.update_or_create(
        run=run,
        object_id=object_id,
        kind=Kind.FAILED,
        defaults={
            "object_type": object_type,
            "problem": problem.sentence,
            "advice": problem.advice,
            "found_at": now,
        },
    )
    run.failed += 1


def _release(run: ResyncRun) -> None:
    """Hand it back at once: the next worker need not wait for the lease to end."""
    ResyncRun.objects.filter(pk=run.pk, claim=run.claim, state=State.RUNNING).update(
        state=State.QUEUED, lease_until=None
    )


def _finish(run: ResyncRun, now: datetime, state: str, problem: str = "") -> None:
    with transaction.atomic():
        held = ResyncRun.objects.filter(pk=run.pk, claim=run.claim, state=State.RUNNING)
        ended = {"state": state, "problem": problem, "finished_at": now, "lease_until": None}
        if state != State.FAILED:
            ended["total"] = run.done + run.failed
        if held.update(**ended):
            audit.record(
                f"paydesk.resync.{state}",
                at=now,
                actor=None,
                target=run.target,
                detail={"run": str(run.pk), "done": run.done, "changed": run.changed, "failed": run.failed},
            )
