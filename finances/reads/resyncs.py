"""The list of resync runs, and one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from finances.models import ResyncFinding, ResyncRun, WorkerHeartbeat
from finances.reads.keyset import capped_count
from finances.reads.names import names_of

MOST_SHOWN = 100
CHANGES = (ResyncFinding.Kind.CHANGED, ResyncFinding.Kind.GONE)


def runs() -> QuerySet[ResyncRun]:
    return ResyncRun.objects.select_related("requested_by").defer("plan", "cursor")


@dataclass(frozen=True)
class Progress:
    """`read`: objects dealt with, failed ones too. `percent`: whole, of an estimate, at most 99 before the end.
    `rate`: objects a second since the start; `left`: at that rate; None before there is anything to go by.
    `no_worker`: it has not ended, and nobody is alive to go on with it."""

    read: int
    same: int
    percent: int
    unfinished: bool
    rate: float | None
    left: timedelta | None
    no_worker: bool


def progress(run: ResyncRun, now: datetime) -> Progress:
    """One query while the run has not ended, none after."""
    unfinished = run.state in ResyncRun.UNFINISHED
    read = run.done + run.failed
    spent = ((run.finished_at or now) - run.started_at).total_seconds() if run.started_at else 0
    rate = read / spent if read and spent >= 1 else None
    left = None
    if unfinished and rate and run.total > read:
        left = timedelta(seconds=round((run.total - read) / rate))
    return Progress(
        read=read,
        same=max(0, run.done - run.changed - run.new - run.gone),
        percent=min(99, read * 100 // run.total) if unfinished and run.total else 0 if unfinished else 100,
        unfinished=unfinished,
        rate=rate,
        left=left,
        no_worker=unfinished and not WorkerHeartbeat.is_anyone_alive(now),
    )


@dataclass(frozen=True)
class Findings:
    """The newest hundred of each; `..._count` counts all, capped. `names`: what people call the objects, by id."""

    failures: Sequence[ResyncFinding]
    changes: Sequence[ResyncFinding]
    new: Sequence[ResyncFinding]
    failure_count: int
    change_count: int
    names: dict[str, str]


def findings(run: ResyncRun) -> Findings:
    """Seven queries at most."""
    of_run = ResyncFinding.objects.filter(run=run).order_by("-found_at", "-id")
    failed, changed = of_run.filter(kind=ResyncFinding.Kind.FAILED), of_run.filter(kind__in=CHANGES)
    failures, changes = list(failed[:MOST_SHOWN]), list(changed[:MOST_SHOWN])
    new = list(of_run.filter(kind=ResyncFinding.Kind.NEW)[:MOST_SHOWN])
    return Findings(
        failures,
        changes,
        new,
        failure_count=capped_count(failed),
        change_count=capped_count(changed),
        names=names_of(finding.object_id for finding in (*failures, *changes, *new)),
    )
