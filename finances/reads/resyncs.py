"""The list of resyncs, and one of them: how far it is, what it waits for, what it found."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform

from finances.models import AuditEntry, RateBudget, ResyncFinding, ResyncPart, ResyncRun, WorkerHeartbeat
from finances.reads.keyset import capped_count
from finances.reads.names import names_of

MOST_SHOWN = 100
CHANGES = (ResyncFinding.Kind.CHANGED, ResyncFinding.Kind.GONE)
SETTLED = timedelta(seconds=30)
"""After so long a run's own pace says more than its plan."""
Kind, State = ResyncRun.Kind, ResyncPart.State


def runs() -> QuerySet[ResyncRun]:
    """Of both kinds, without what only the engine needs."""
    return ResyncRun.objects.select_related("requested_by")


def resyncs() -> QuerySet[ResyncRun]:
    return runs().filter(kind=Kind.RESYNC)


def unfinished(kind: ResyncRun.Kind, target: str) -> ResyncRun | None:
    """The one of its kind that reads this already: of the same target, or else of everything. One query."""
    found = runs().filter(kind=kind, target__in=(target, "all"), state__in=ResyncRun.UNFINISHED)
    return min(found, key=lambda run: run.target != target, default=None)


@dataclass(frozen=True)
class PartsOfType:
    """How many parts of a run read one type; those that are `waiting` do so for a worker, or for another try."""

    type: str
    done: int
    working: int
    waiting: int
    failed: int

    @property
    def all(self) -> int:
        return self.done + self.working + self.waiting + self.failed


def parts_of(run: ResyncRun) -> list[PartsOfType]:
    """In the order in which they are read. One query."""
    by_type = ResyncPart.objects.filter(run=run).annotate(type=KeyTextTransform("type", "step")).order_by()
    of: dict[str, Any] = {state: Count("pk", filter=Q(state=state)) for state in State.values}
    rows: Iterable[Any] = by_type.values("type").annotate(stage_of=Min("stage"), first=Min("number"), **of)
    return [
        PartsOfType(row["type"] or "", row["done"], row["running"], row["queued"], row["failed"])
        for row in sorted(rows, key=lambda row: (row["stage_of"], row["first"]))
    ]


def failed_of(run: ResyncRun) -> dict[str, int]:
    """By type, how many objects could not be read. One query, none where nothing failed."""
    if not run.failed:
        return {}
    failures = ResyncFinding.objects.filter(run=run, kind=ResyncFinding.Kind.FAILED).order_by()
    return dict(failures.values_list("object_type").annotate(Count("pk")))


@dataclass(frozen=True)
class Progress:
    """`read`: objects that were read, or compared; `failed`: that could not be. `expected`: about how many there are;
    None when that is not known. `percent`: whole, at most 99 before the end; of the objects, or where their number is
    not known, of the parts. `rate`: objects a second since the start, failed ones too; `left`: None before there is
    anything to go by. `no_worker`: it has not ended, and nobody is alive to go on with it."""

    read: int
    failed: int
    same: int
    expected: int | None
    percent: int
    unfinished: bool
    rate: float | None
    left: timedelta | None
    no_worker: bool


def progress(run: ResyncRun, parts: Sequence[PartsOfType], now: datetime, calls_a_second: float) -> Progress:
    """`calls_a_second`: what the rate budget allows, for the time left. Two queries while it goes on, else one."""
    unfinished = run.state in ResyncRun.UNFINISHED
    tried = run.done + run.failed
    # Of what was never read before there is no estimate: it grows with what was read.
    expected = run.total if run.total > tried else None
    finished, pieces = sum(each.done + each.failed for each in parts), sum(each.all for each in parts)
    share = tried / expected if expected else finished / pieces if pieces else 0.0
    spent = _worked(run, now).total_seconds()
    going = run.state in (ResyncRun.State.QUEUED, ResyncRun.State.RUNNING)
    return Progress(
        read=run.done,
        failed=run.failed,
        same=max(0, run.done - run.changed - run.new - run.gone),
        expected=expected if unfinished else None,
        percent=min(99, int(share * 100)) if unfinished else 100,
        unfinished=unfinished,
        rate=tried / spent if tried and spent >= 1 else None,
        left=_left(share, spent, (run.calls_planned - run.calls) / calls_a_second) if going else None,
        no_worker=unfinished and not WorkerHeartbeat.is_anyone_alive(now),
    )


STOPS = ("paused", "partial", "failed")
GOES_ON = ("resumed", "retried")


def _worked(run: ResyncRun, now: datetime) -> timedelta:
    """Since the start, without the time that it was paused, or had ended before it was tried again; from the trail."""
    if run.started_at is None:
        return timedelta()
    noun = "comparison" if run.kind == Kind.COMPARE else "resync"
    actions = [f"paydesk.{noun}.{word}" for word in (*STOPS, *GOES_ON)]
    entries = AuditEntry.objects.filter(
        target=run.target, at__gte=run.started_at, action__in=actions, detail__run=str(run.pk)
    )
    stood, since = timedelta(), None
    for at, action in entries.order_by("at", "id").values_list("at", "action"):
        if action.endswith(GOES_ON):
            stood, since = stood + (at - since if since else timedelta()), None
        else:
            since = since or at
    end = run.finished_at or since or now
    return max(timedelta(), end - run.started_at - stood)


def _left(share: float, spent: float, planned: float) -> timedelta | None:
    """From the pace so far, and in the first seconds, when that says little, from the plan."""
    weight = min(1.0, spent / SETTLED.total_seconds())
    if not share and weight == 1:
        return None
    paced = spent * (1 - share) / share if share else planned
    seconds = weight * paced + (1 - weight) * max(planned, 0.0)
    return timedelta(seconds=round(seconds)) if seconds >= 1 else None


@dataclass(frozen=True)
class Hold:
    """What keeps a run from going faster. `slow_until`: Stripe said 429, and nobody calls before. `down_until`: it does
    not answer, and is not asked before. `waiting`: parts that wait for another try, the next `next_try_at`, because of
    `problem`. None or 0 where there is none."""

    slow_until: datetime | None = None
    down_until: datetime | None = None
    waiting: int = 0
    next_try_at: datetime | None = None
    problem: str = ""


def hold(run: ResyncRun, now: datetime) -> Hold:
    """Two queries, none after the end."""
    if run.state not in (ResyncRun.State.QUEUED, ResyncRun.State.RUNNING):
        return Hold()
    held_up = RateBudget.objects.filter(Q(paused_until__gt=now) | Q(open_until__gt=now))
    until = list(held_up.values_list("paused_until", "open_until"))
    again = ResyncPart.objects.filter(run=run, state__in=ResyncPart.OPEN, next_try_at__gt=now).exclude(problem="")
    waiting = list(again.order_by("next_try_at").values_list("next_try_at", "problem")[:MOST_SHOWN])
    return Hold(
        slow_until=max((slow for slow, _ in until if slow and slow > now), default=None),
        down_until=max((down for _, down in until if down and down > now), default=None),
        waiting=len(waiting),
        next_try_at=waiting[0][0] if waiting else None,
        problem=waiting[0][1] if waiting else "",
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
    failures = list(failed[:MOST_SHOWN])
    # Each kind by itself stands in the index in this order; of both at once all would be read and sorted.
    newest = [each for kind in CHANGES for each in of_run.filter(kind=kind)[:MOST_SHOWN]]
    changes = sorted(newest, key=lambda each: (each.found_at, each.pk), reverse=True)[:MOST_SHOWN]
    new = list(of_run.filter(kind=ResyncFinding.Kind.NEW)[:MOST_SHOWN])
    return Findings(
        failures,
        changes,
        new,
        failure_count=capped_count(failed),
        change_count=capped_count(changed),
        names=names_of(finding.object_id for finding in (*failures, *changes, *new)),
    )


def exported(run: ResyncRun) -> Iterator[ResyncFinding]:
    """Every finding, failures first; read in chunks, however many there are."""
    for kind in (
        ResyncFinding.Kind.FAILED,
        ResyncFinding.Kind.CHANGED,
        ResyncFinding.Kind.GONE,
        ResyncFinding.Kind.NEW,
    ):
        yield from ResyncFinding.objects.filter(run=run, kind=kind).order_by("id").iterator(chunk_size=1000)
