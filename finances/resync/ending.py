"""The end of a part and of its run, in the transaction that brought it, and what was read whole by then."""

from datetime import datetime

from finances import audit
from finances.models import ResyncPart, ResyncRun
from finances.resync import tally as tallies
from finances.resync.tally import Tally

State = ResyncRun.State


def end_part(part: ResyncPart, now: datetime, *, state: ResyncPart.State = ResyncPart.State.DONE) -> None:
    """After `claiming.keep` in the same transaction: it holds the run's row, so that of two workers that end their
    parts at the same time the second one sees that it was the last."""
    ResyncPart.objects.filter(pk=part.pk).update(state=state, lease_until=None)
    part.state = state
    end_run_if_done(part.run, now)


def end_run_if_done(run: ResyncRun, now: datetime) -> None:
    parts = ResyncPart.objects.filter(run=run)
    if parts.filter(state__in=ResyncPart.OPEN).exists():
        return
    failed = ResyncRun.objects.filter(pk=run.pk, failed__gt=0).exists()
    failed = failed or parts.filter(state=ResyncPart.State.FAILED).exists()
    end_run(run, State.PARTIAL if failed else State.COMPLETE, now)


def end_run(run: ResyncRun, state: ResyncRun.State, now: datetime, problem: str = "") -> bool:
    """With an audit row; within a transaction. False for one that has ended already, or stands still."""
    going = ResyncRun.objects.filter(pk=run.pk, state__in=(State.QUEUED, State.RUNNING))
    if not going.update(state=state, problem=problem, finished_at=now):
        return False
    run.refresh_from_db()
    if state != State.FAILED:
        ResyncRun.objects.filter(pk=run.pk).update(total=run.done + run.failed)
    ResyncPart.objects.filter(run=run, state__in=ResyncPart.OPEN).update(
        state=ResyncPart.State.FAILED, lease_until=None, next_try_at=None
    )
    audit.record(
        f"paydesk.{'comparison' if run.kind == ResyncRun.Kind.COMPARE else 'resync'}.{state}",
        at=now,
        actor=None,
        target=run.target,
        detail={
            "run": str(run.pk),
            **{name: getattr(run, name) for name in ("done", "changed", "new", "gone", "failed")},
        },
    )
    return True


def skip_others(part: ResyncPart) -> None:
    """What was to be read after this one cannot be there."""
    others = ResyncPart.objects.filter(run=part.run_id, state=ResyncPart.State.QUEUED).exclude(pk=part.pk)
    others.update(state=ResyncPart.State.DONE)


def keep_tally(part: ResyncPart, tally: Tally, began_at: datetime) -> None:
    """What a slice of a whole type counted, month by month, once it is at its end. `began_at`: of its first page."""
    step = part.step
    if not step.keys() <= {"type", "filters"}:
        return
    whole = tallies.whole_months(step["filters"], began_at)
    tallies.keep(part.run, step["type"], tally, whole, began_at)
