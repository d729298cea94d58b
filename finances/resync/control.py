"""Pause, resume or cancel a run, or try again what failed. The caller has checked the permission.

Each takes effect at once: a page that a worker has in hand is dropped, and read again when the run goes on.
"""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finances import audit, wakeups
from finances.models import ResyncFinding, ResyncPart, ResyncRun, WakeUp
from finances.resync.ending import end_run_if_done
from finances.resync.request import action_of
from finances.resync.retrying import parts_for
from finances.tickets import locked_in_order

State = ResyncRun.State


class NotPossible(Exception):
    """The state of the run does not allow it; the message says so in the user's words."""


def pause(run_id: UUID, *, now: datetime, by: User | None, reason: str = "") -> ResyncRun:
    """Raises NotPossible for one that has ended or stands still already."""
    return _stop(run_id, State.PAUSED, (State.QUEUED, State.RUNNING), now, by, reason)


def cancel(run_id: UUID, *, now: datetime, by: User | None, reason: str = "") -> ResyncRun:
    """What was read stays. Raises NotPossible for one that has ended."""
    return _stop(run_id, State.CANCELLED, ResyncRun.UNFINISHED, now, by, reason)


def resume(run_id: UUID, *, now: datetime, by: User | None, reason: str = "") -> ResyncRun:
    """From the place at which it was paused. Raises NotPossible."""
    with transaction.atomic():
        run = _change(run_id, (State.PAUSED,), "resumed", state=State.QUEUED)
        waiting = ResyncPart.objects.filter(run=run, state=ResyncPart.State.QUEUED)
        waiting.update(next_try_at=None, tries=0)
        for part in locked_in_order(waiting.filter(place__has_key="down_since")):
            # An outage from before the pause: how long Stripe does not answer is counted anew.
            place = {name: value for name, value in part.place.items() if name != "down_since"}
            ResyncPart.objects.filter(pk=part.pk).update(place=place)
        end_run_if_done(run, now)
        _audit(run, "resumed", now, by, reason)
        wakeups.wake(WakeUp.Kind.RESYNCS, now=now)
    run.refresh_from_db()
    return run


def retry_failed(run_id: UUID, *, now: datetime, by: User | None, reason: str = "") -> ResyncRun:
    """The same run goes on: its failed parts from their places, and one more part or a few for the objects that failed.

    Raises NotPossible where nothing failed, where it has not ended, or where another run for the same is under way.
    """
    parts = ResyncPart.objects.filter(run=run_id)
    failures = ResyncFinding.objects.filter(run=run_id, kind=ResyncFinding.Kind.FAILED)
    try:
        with transaction.atomic():
            failed = parts.filter(state=ResyncPart.State.FAILED)
            steps = parts_for(list(failures), [part.step for part in failed])
            if not steps and not failed.exists():
                raise NotPossible(_("Nothing of this run failed that could be tried again."))
            run = _change(
                run_id,
                (State.PARTIAL, State.FAILED),
                "tried again",
                state=State.QUEUED,
                failed=0,
                problem="",
                finished_at=None,
            )
            failed.update(state=ResyncPart.State.QUEUED, tries=0, next_try_at=None, problem="", claim=F("claim") + 1)
            number = (parts.aggregate(last=Max("number"))["last"] or 0) + 1
            ResyncPart.objects.bulk_create(
                [
                    ResyncPart(
                        run=run, number=number + more, stage=part.stage, needed_at=part.needed_at, step=part.step
                    )
                    for more, part in enumerate(steps)
                ]
            )
            failures.delete()
            _audit(run, "retried", now, by, reason)
            wakeups.wake(WakeUp.Kind.RESYNCS, now=now)
    except IntegrityError:
        raise NotPossible(_("Another run for the same is under way.")) from None
    return run


def _stop(
    run_id: UUID, state: ResyncRun.State, allowed: tuple[State, ...], now: datetime, by: User | None, reason: str
) -> ResyncRun:
    word = {State.PAUSED: "paused", State.CANCELLED: "cancelled"}[state]
    with transaction.atomic():
        # First the parts, then the run, as whoever saves a page: so that neither waits for the other in a circle.
        running = ResyncPart.objects.filter(run=run_id, state=ResyncPart.State.RUNNING)
        ids = [part.pk for part in locked_in_order(running)]
        ResyncPart.objects.filter(pk__in=ids).update(
            state=ResyncPart.State.QUEUED, lease_until=None, claim=F("claim") + 1
        )
        ended = {"finished_at": now} if state == State.CANCELLED else {}
        run = _change(run_id, allowed, word, state=state, **ended)
        _audit(run, word, now, by, reason)
    return run


STATES = {
    State.QUEUED: gettext_lazy("queued"),
    State.RUNNING: gettext_lazy("running"),
    State.PAUSED: gettext_lazy("paused"),
    State.COMPLETE: gettext_lazy("complete"),
    State.PARTIAL: gettext_lazy("partial"),
    State.FAILED: gettext_lazy("failed"),
    State.CANCELLED: gettext_lazy("cancelled"),
}
REFUSALS = {
    "paused": gettext_lazy("A run that is %(state)s cannot be paused."),
    "resumed": gettext_lazy("A run that is %(state)s cannot be resumed."),
    "cancelled": gettext_lazy("A run that is %(state)s cannot be cancelled."),
    "tried again": gettext_lazy("A run that is %(state)s cannot be tried again."),
}


def _change(run_id: UUID, allowed: tuple[State, ...], word: str, **values: object) -> ResyncRun:
    changed = ResyncRun.objects.filter(pk=run_id, state__in=allowed).update(**values)
    run = ResyncRun.objects.filter(pk=run_id).first()
    if run is None:
        raise NotPossible(_("There is no such run."))
    if not changed:
        raise NotPossible(str(REFUSALS[word]) % {"state": STATES[State(run.state)]})
    return run


def _audit(run: ResyncRun, word: str, now: datetime, by: User | None, reason: str) -> None:
    audit.record(
        f"paydesk.{action_of(run.kind)}.{word}",
        at=now,
        actor=by,
        target=run.target,
        detail={"run": str(run.pk), "done": run.done},
        personal={"reason": reason},
    )
