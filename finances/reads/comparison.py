"""What one comparison with Stripe found, and what became of it since."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, QuerySet

from finances.models import Delivery, ObjectState, ResyncFinding, ResyncRun, about, state_key
from finances.reads.catch_ups import Gap, event_gap, without_webhooks
from finances.reads.drift import standing
from finances.reads.keyset import capped_count
from finances.reads.names import names_of

Kind = ResyncFinding.Kind
State = Delivery.State

DIFFERENCES = (Kind.CHANGED, Kind.NEW, Kind.GONE)
MOST_SHOWN = 100
MOST_EVENTS = 500
MOST_RUNS = 200
SECOND = timedelta(seconds=1)
UNSETTLED = (State.RECEIVED, State.PROCESSING, State.WAITING, State.QUARANTINED)


def comparisons() -> QuerySet[ResyncRun]:
    return ResyncRun.objects.filter(kind=ResyncRun.Kind.COMPARE).select_related("requested_by")


def differences_of(run: ResyncRun) -> QuerySet[ResyncFinding]:
    return ResyncFinding.objects.filter(run=run, kind__in=DIFFERENCES)


def open_differences_of(run: ResyncRun) -> QuerySet[ResyncFinding]:
    """Those that stand, in the order in which they were compared."""
    return standing().filter(run=run).order_by("id")


@dataclass(frozen=True)
class Event:
    """About an object that differs: made before we compared, not processed, and not overtaken by a later reading of the
    object. What it told may be what is different."""

    event_id: str
    event_type: str
    state: str
    created_at: datetime


@dataclass(frozen=True)
class Found:
    """`seen_at`: when what is stored now was read from Stripe, None where nothing is; `by_webhook`: for a webhook,
    `by_resync`: while a resync ran; neither: along with another object, or nobody knows.
    `is_open`: it stands. `taken_over`: Stripe's answer is in the rows since. Neither: a later comparison says more.
    `event`: the newest such one."""

    finding: ResyncFinding
    seen_at: datetime | None
    by_webhook: bool
    by_resync: bool
    event: Event | None

    @property
    def taken_over(self) -> bool:
        read_since = self.seen_at is not None and self.seen_at > self.finding.found_at
        return self.finding.taken_over_at is not None or (read_since and not self.finding.problem)

    @property
    def is_open(self) -> bool:
        return self.finding.stands and not self.taken_over


@dataclass(frozen=True)
class Comparison:
    """`found`: a hundred at most, first of those that are open. `count`: of all of them; `open_count`: of the open
    ones; both are capped. `failures`: a hundred at most of `failure_count`. `names`: by id.

    `gap` and `no_webhooks_since`: causes that concern more than one object; the gap only where one of those shown was
    last read before its end.
    """

    found: Sequence[Found]
    count: int
    open_count: int
    failures: Sequence[ResyncFinding]
    failure_count: int
    names: dict[str, str]
    gap: Gap | None
    no_webhooks_since: datetime | None


def comparison(run: ResyncRun, now: datetime) -> Comparison:
    """A dozen queries at most, however much it found."""
    every, open_ones = differences_of(run), open_differences_of(run)
    shown = list(open_ones[:MOST_SHOWN])
    if len(shown) < MOST_SHOWN:
        others = every.exclude(pk__in=[each.pk for each in shown]).order_by("id")
        shown += others[: MOST_SHOWN - len(shown)]
    failed = ResyncFinding.objects.filter(run=run, kind=Kind.FAILED).order_by("id")
    failures = list(failed[:MOST_SHOWN])
    found = _found(shown)
    lost = event_gap(now) if found else None
    return Comparison(
        found=found,
        count=capped_count(every),
        open_count=capped_count(open_ones),
        failures=failures,
        failure_count=capped_count(failed),
        names=names_of(each.object_id for each in (*shown, *failures)),
        gap=lost if lost and any(_is_before(each, lost) for each in found) else None,
        no_webhooks_since=without_webhooks(now) if found else None,
    )


def _is_before(found: Found, gap: Gap) -> bool:
    return found.is_open and (found.seen_at is None or found.seen_at < gap.until)


def _found(findings: Sequence[ResyncFinding]) -> list[Found]:
    references = {(each.object_type, each.object_id) for each in findings}
    keys = [state_key(*each) for each in references]
    seen = dict(ObjectState.objects.filter(object_id__in=keys).values_list("object_id", "seen_at"))
    events = Delivery.objects.filter(about(references))
    of_each = events.filter(state=State.PROCESSED).order_by().values_list("object_type", "object_id")
    processed: dict[str, datetime] = {}
    for *of, last in of_each.annotate(last=Max("processed_at")):
        key = state_key(*of)
        processed[key] = max(last, processed.get(key, last))
    waiting = _unsettled(events)
    resyncs = _resyncs_at(seen.values())
    return [
        Found(
            finding=each,
            seen_at=(at := seen.get(key := state_key(each.object_type, each.object_id))),
            by_webhook=(webhook := bool(at and (last := processed.get(key)) and last >= at)),
            by_resync=bool(at and not webhook and any(began <= at <= (ended or at) for began, ended in resyncs)),
            event=_event_for(each, at, waiting.get(key, [])),
        )
        for each in findings
    ]


def _resyncs_at(moments: Collection[datetime]) -> list[tuple[datetime, datetime | None]]:
    """From when to when resyncs ran that may have read something then; the newest."""
    if not moments:
        return []
    ran = ResyncRun.objects.filter(kind=ResyncRun.Kind.RESYNC, started_at__lte=max(moments))
    ran = ran.exclude(finished_at__lt=min(moments)).order_by("-created_at", "-id")
    times = ran.values_list("started_at", "finished_at")[:MOST_RUNS]
    return [(began, ended) for began, ended in times if began is not None]


def _unsettled(events: QuerySet[Delivery]) -> dict[str, list[Event]]:
    """By key."""
    rows = events.filter(state__in=UNSETTLED).order_by("-received_at", "-event_id")
    found: dict[str, list[Event]] = {}
    for row in rows.only("object_id", "object_type", "event_id", "event_type", "state", "created_at")[:MOST_EVENTS]:
        event = Event(row.event_id, row.event_type, row.state, row.created_at)
        found.setdefault(state_key(row.object_type, row.object_id), []).append(event)
    return found


def _event_for(finding: ResyncFinding, seen_at: datetime | None, events: Sequence[Event]) -> Event | None:
    """Stripe dates its events by the second: an object that was read within that second may have been read before."""
    for each in events:
        if each.created_at <= finding.found_at and (seen_at is None or seen_at < each.created_at + SECOND):
            return each
    return None
