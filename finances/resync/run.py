"""Work on a resync: claim a run, page by page through its plan, its place saved with each page.

A worker that dies leaves its place on the row: the next one reads at most one page again. A problem with one step does
not hide the others: it is kept as a failure with what to do, and the run ends as partial, never as complete.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import OperationalError, transaction
from django.db.models import F, Min, Q

from finances import audit, mirror
from finances.gateway import (
    CallRefused,
    Gateway,
    KeyRefused,
    NoSuchObject,
    Page,
    PlaceLost,
    StripeFailed,
    StripeProblem,
    StripeUnreachable,
)
from finances.incidents import log_incident
from finances.models import ResyncRun
from finances.resync.findings import note, note_failure
from finances.resync.plan import owners_after
from finances.tickets import lease_end, locked, take_ticket

logger = logging.getLogger(__name__)
State = ResyncRun.State
Clock = Callable[[], datetime]
type Place = dict[str, Any]

MOST_TRIES = 3
"""Of a step whose problem may pass; each of them is several tries of the gateway."""
OWNERS_AT_ONCE = 20
"""Whose lists are read for one transaction, where Stripe lists something for one owner at a time only."""
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


def next_due_at() -> datetime | None:
    """When a run that a worker holds would be due for another one; None when none is held."""
    return ResyncRun.objects.filter(state=State.RUNNING).aggregate(next=Min("lease_until"))["next"]


def work_on(run: ResyncRun, clock: Clock, *, stop: Callable[[], bool] = lambda: False) -> None:
    """Go on from the saved place to the end of the plan, and record the end.

    Raises OperationalError when the database goes away: the run then waits for a worker that has one.
    """
    held = ResyncRun.objects.filter(pk=run.pk, claim=run.claim, state=State.RUNNING)
    gateway = Gateway(beat=lambda: held.update(lease_until=lease_end(clock())))
    unreachable = 0
    try:
        while run.cursor.get("step", 0) < len(run.plan):
            if stop():
                held.update(state=State.QUEUED, lease_until=None)  # the next worker need not wait for the lease
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
    except OperationalError:
        raise
    except Exception as error:
        log_incident(logger, f"Resync run {run.pk} stopped", error)
        _finish(
            run, clock(), State.FAILED, f"Paydesk could not go on ({type(error).__name__}); the log has the details."
        )


def _step(run: ResyncRun, gateway: Gateway, clock: Clock) -> StripeProblem | None:
    """One object, or one page of a list. What is written, what was found and the new place are one transaction.

    A problem that may pass puts the step at the end of the plan, where it is tried again from the same page on.
    """
    number = run.cursor.get("step", 0)
    step = run.plan[number]
    after = run.cursor.get("after", step.get("after", ""))
    following: Place = {"step": number + 1}
    try:
        if "id" in step:
            _read_one(run, step, gateway, clock, following)
        else:
            ticket, now = take_ticket(), clock()
            read = _read_page(step, after, gateway)
            if read.last:
                following = {"step": number, "after": read.last}
            _write_page(run, step["type"], read, ticket, now, gateway, following)
    except StripeProblem as problem:
        lost = isinstance(problem, PlaceLost)
        tries = step.get("tries", 1)
        again = (problem.may_pass or lost) and tries < MOST_TRIES
        if again:
            # Where the place is an owner, it is the list of one of those after it that changed.
            place = "" if lost and "each" not in step else after
            run.plan.append({**step, "after": place, "tries": tries + 1})
        with transaction.atomic():
            _keep_place(run, clock(), {"step": number + 1}, gateway)
            if again:
                run.problem = f"{problem.sentence} It is tried again at the end of the run."
                run.save(update_fields=["problem"])
            else:
                note_failure(run, step.get("id") or f"all {step['type']}s", step["type"], problem, clock())
                run.save(update_fields=["failed"])
        return problem
    return None


class Read(NamedTuple):
    """`last`: the place after which the step goes on; empty when these were the last. `refused`: by owner."""

    objects: list[Any]
    last: str
    refused: dict[str, StripeProblem]


def _read_page(step: dict[str, Any], after: str, gateway: Gateway) -> Read:
    if "each" in step:
        return _read_of_each(step, after, gateway)
    try:
        page = _page_of(step, step.get("owner", ""), after, gateway)
    except NoSuchObject:  # what these hang on is gone by now; reading it said so
        return Read([], "", {})
    return Read(page.objects, page.objects[-1]["id"] if page.has_more and page.objects else "", {})


def _page_of(step: dict[str, Any], owner: str, after: str, gateway: Gateway) -> Page:
    if "part" in step:
        page = gateway.part(step["part_of"], owner, step["part"], after=after)
    else:
        filters: dict[str, Any] = {step["filter"]: owner} if "filter" in step else step["filters"]
        page = gateway.page(step["type"], after=after, **filters)
    if page.has_more and after and page.objects and page.objects[-1]["id"] == after:
        # To go on after the same object once more would never end.
        raise StripeFailed("Stripe gave the same page of a list again.")
    return page


def _read_of_each(step: dict[str, Any], after: str, gateway: Gateway) -> Read:
    """Everything of the next few owners; the place is the last one's id. Whose list Stripe refuses is left out."""
    owners = owners_after(step, after, OWNERS_AT_ONCE)
    objects: list[Any] = []
    refused: dict[str, StripeProblem] = {}
    for owner in owners:
        page, last = Page([], has_more=True), ""
        while page.has_more:
            try:
                page = _page_of(step, owner, last, gateway)
            except NoSuchObject:  # the owner is gone by now, and what it had with it
                break
            except CallRefused as problem:
                refused[owner] = problem
                break
            objects += page.objects
            last = page.objects[-1]["id"] if page.objects else ""
            if not page.objects:
                break
    return Read(objects, owners[-1] if len(owners) == OWNERS_AT_ONCE else "", refused)


def _read_one(run: ResyncRun, step: dict[str, Any], gateway: Gateway, clock: Clock, following: Place) -> None:
    def keep(written: list[mirror.Written]) -> None:
        if written[0].outcome == mirror.Outcome.UNKNOWN:
            following["step"] = len(run.plan)  # nothing can hang on it
        _keep_place(run, clock(), following, gateway)
        note(run, written, clock())

    try:
        mirror.read_and_write(gateway, step["type"], step["id"], now=clock(), within=keep)
    except (StripeProblem, LostRun, OperationalError):
        raise
    except Exception as error:
        raise _not_stored(step["id"], error) from None


def _write_page(
    run: ResyncRun, type_name: str, read: Read, ticket: int, now: datetime, gateway: Gateway, following: Place
) -> None:
    """All of a page at once; where something in it cannot be stored, one by one, so that only that is left out."""

    def note_refused() -> None:
        for owner, problem in read.refused.items():
            note_failure(run, owner, type_name, problem, now)

    def keep(written: list[mirror.Written]) -> None:
        _keep_place(run, now, following, gateway)
        note_refused()
        note(run, written, now)

    try:
        if read.objects:
            mirror.write(gateway, type_name, read.objects, ticket=ticket, now=now, within=keep)
        else:
            with transaction.atomic():
                keep([])
        return
    except (StripeProblem, LostRun, OperationalError):
        raise
    except Exception as error:
        log_incident(logger, f"Resync run {run.pk}: a page of {type_name} is written one by one", error)
    run.refresh_from_db()
    for it in read.objects:
        try:
            mirror.write(
                gateway, type_name, [it], ticket=ticket, now=now, within=lambda written: note(run, written, now)
            )
        except (StripeProblem, LostRun, OperationalError):
            raise
        except Exception as error:
            run.refresh_from_db()
            note_failure(run, it["id"], type_name, _not_stored(it["id"], error), now)
            run.save(update_fields=["failed"])
    with transaction.atomic():
        _keep_place(run, now, following, gateway)
        note_refused()
        run.save(update_fields=["failed"])


def _not_stored(object_id: str, error: Exception) -> StripeProblem:
    log_incident(logger, f"{object_id} could not be stored", error)
    return StripeProblem(
        f"Paydesk could not store what Stripe answered ({type(error).__name__}).",
        "This is a defect of Paydesk: report it with the id and the log. The other objects are not affected.",
    )


def _keep_place(run: ResyncRun, now: datetime, cursor: Place, gateway: Gateway) -> None:
    held = ResyncRun.objects.filter(pk=run.pk, claim=run.claim, state=State.RUNNING)
    calls, gateway.calls = gateway.calls, 0
    if not held.update(cursor=cursor, plan=run.plan, lease_until=lease_end(now), calls=F("calls") + calls):
        raise LostRun
    run.cursor = cursor


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
