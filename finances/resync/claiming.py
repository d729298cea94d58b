"""Who works on which part: claimed by a lease, renewed while calls take their time, fenced off by a number.

A part that was paused, cancelled or taken over has another number: what its former worker still writes is refused
inside the transaction that would write it, so nothing of a run is written after it was stopped.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from finances.models import ResyncPart, ResyncRun
from finances.resync.findings import Counts
from finances.tickets import lease_end

Json = dict[str, Any]
State = ResyncPart.State


class LostPart(Exception):
    """Somebody else works on it by now, or a person paused or cancelled the run: stop where we are."""


def claim_next(now: datetime, run_id: UUID | None = None) -> ResyncPart | None:
    """The part to work on now (of one run, if it is named), claimed, with its run; None when nothing is due.

    Runs that somebody waits for first, then the oldest; of a run a type that the fewest work on.
    """
    due = _due(now, run_id)
    if not due.exists():  # asked each second, and a transaction takes the write lock of SQLite
        return None
    with transaction.atomic():
        part = due.select_for_update(
            skip_locked=connection.features.has_select_for_update_skip_locked,
            of=("self",) if connection.features.has_select_for_update_of else (),
        ).first()
        if part is None:
            return None
        going = ResyncRun.objects.filter(pk=part.run_id, state__in=(ResyncRun.State.QUEUED, ResyncRun.State.RUNNING))
        if part.run.state == ResyncRun.State.QUEUED or part.run.started_at is None:
            started = going.update(state=ResyncRun.State.RUNNING, started_at=part.run.started_at or now)
        else:
            started = going.count()
        if not started:  # paused or cancelled in between
            return None
        part.state, part.claim, part.lease_until = State.RUNNING, part.claim + 1, lease_end(now)
        part.save(update_fields=["state", "claim", "lease_until"])
    part.run.refresh_from_db()
    return part


def _due(now: datetime, run_id: UUID | None = None) -> QuerySet[ResyncPart]:
    waiting = Q(state=State.QUEUED) & (Q(next_try_at=None) | Q(next_try_at__lte=now))
    left_behind = Q(state=State.RUNNING, lease_until__lt=now)
    parts = _startable().filter(waiting | left_behind)
    if run_id:
        parts = parts.filter(run=run_id)
    return parts.select_related("run").order_by(
        "-run__urgent", "run__created_at", "run", _at_work(now), "stage", "number"
    )


def _startable() -> QuerySet[ResyncPart]:
    """Of runs that go on, what no lower stage has to be done before."""
    lower = ResyncPart.objects.filter(
        Q(needed_at=None) | Q(needed_at__lte=OuterRef("stage")),
        run=OuterRef("run"),
        state__in=ResyncPart.OPEN,
        stage__lt=OuterRef("stage"),
    )
    return ResyncPart.objects.filter(~Exists(lower), run__state__in=(ResyncRun.State.QUEUED, ResyncRun.State.RUNNING))


def _at_work(now: datetime) -> Coalesce:
    """How many of the run's parts of the same type somebody works on: Stripe limits each endpoint by itself, so that
    one is the quickest which nobody else calls."""
    of_type = ResyncPart.objects.filter(
        run=OuterRef("run"), state=State.RUNNING, lease_until__gte=now, step__type=OuterRef("step__type")
    )
    counted = of_type.order_by().values("run").annotate(them=Count("pk")).values("them")
    return Coalesce(Subquery(counted), 0)


def next_due_at() -> datetime | None:
    """When a part that waits, or that a worker holds, would be due; None when there is none."""
    # After an outage those of later stages have a time too, which says nothing of when their stage comes.
    found = _startable().aggregate(
        tries=Min("next_try_at", filter=Q(state=State.QUEUED)), leases=Min("lease_until", filter=Q(state=State.RUNNING))
    )
    return min((at for at in found.values() if at), default=None)


def is_shared(now: datetime) -> bool:
    """Whether somebody is at work on a run of which more parts wait for him to be done: there will be one to claim."""
    waiting = ResyncPart.objects.filter(
        run=OuterRef("run"), state=State.QUEUED, next_try_at=None, stage__gt=OuterRef("stage")
    )
    at_work = ResyncPart.objects.filter(
        Exists(waiting), state=State.RUNNING, lease_until__gte=now, run__state=ResyncRun.State.RUNNING
    )
    return at_work.exists()


def is_at_work_in_bulk(now: datetime) -> bool:
    """Whether a run that nobody waits for is being worked on."""
    run = {"run__state": ResyncRun.State.RUNNING, "run__urgent": False, "run__kind": ResyncRun.Kind.RESYNC}
    return ResyncPart.objects.filter(state=State.RUNNING, lease_until__gte=now, **run).exists()


def held(part: ResyncPart) -> QuerySet[ResyncPart]:
    """The part, as long as it is ours."""
    return ResyncPart.objects.filter(pk=part.pk, claim=part.claim, state=State.RUNNING)


def renew(part: ResyncPart, now: datetime) -> bool:
    """Whether it is still ours."""
    return bool(held(part).update(lease_until=lease_end(now)))


def is_going_on(part: ResyncPart) -> bool:
    """Whether it is still ours, and its run neither paused nor cancelled."""
    return held(part).filter(run__state=ResyncRun.State.RUNNING).exists()


def somebody_waits(part: ResyncPart, now: datetime) -> bool:
    """Whether somebody waits for another run, and for this one nobody does."""
    return not part.run.urgent and _due(now).filter(run__urgent=True).exists()


def hand_back(part: ResyncPart, **changes: Any) -> None:
    """Let the next worker have it at once, from its place on; nothing where it is not ours any more."""
    held(part).update(state=State.QUEUED, lease_until=None, **changes)


def add_parts(part: ResyncPart, steps: Sequence[Json]) -> None:
    """More parts beside this one, for whoever is free; inside the transaction that takes it off this one's step."""
    # The run's row first, so that of two workers that do so the second one counts on from the first one's.
    run = ResyncRun.objects.select_for_update().filter(pk=part.run_id).first()
    last = ResyncPart.objects.filter(run=run).aggregate(last=Max("number"))["last"] or 0
    ResyncPart.objects.bulk_create(
        [
            ResyncPart(run=run, number=last + more, stage=part.stage, needed_at=part.needed_at, step=step)
            for more, step in enumerate(steps, 1)
        ]
    )


def keep(part: ResyncPart, now: datetime, *, counts: Counts, calls: int, slowed: int = 0, **changes: Any) -> None:
    """Inside the transaction that writes: the place and what else changed, and what the run counts.

    Raises LostPart, which rolls all of it back, where the part is not ours any more.
    """
    if not held(part).update(lease_until=lease_end(now), **changes):
        raise LostPart
    run = ResyncRun.objects.filter(pk=part.run_id, state=ResyncRun.State.RUNNING)
    counted = {name: F(name) + more for name, more in counts._asdict().items() if more}
    read = F("done") + F("failed") + counts.done + counts.failed
    if not run.update(
        **counted, calls=F("calls") + calls, slowed=F("slowed") + slowed, total=Greatest(F("total"), read), problem=""
    ):
        raise LostPart
    part.run.new += counts.new
    for name, value in changes.items():
        setattr(part, name, value)
