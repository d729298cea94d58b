"""Whether all is here that Stripe lists, by type and month of creation, as the last reading of the whole month said.

Stripe's lists have no counts, so what a resync or a comparison counted is held against what is here now.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, F, Func, Min, Q, QuerySet

from finances.models import ListedMonth, MissingScope, ObjectState, ResyncPart, ResyncRun, WorkerHeartbeat
from finances.periods import add_months, month_of, start_of

UNDATED = date.min
State = ResyncRun.State
type Counts = Mapping[tuple[str, date], int]


@dataclass(frozen=True)
class Month:
    """A type's objects that were created in one month (UTC). `here`: alive now. `since`: of these, created after the
    last reading. `gone`: tombstones that were made since it.

    From the last reading of the whole month: `listed` by Stripe, `found_gone`: here, but gone at Stripe, `differed`.
    `verified_at` is None for a month that was never read whole. `compared`: `run_id` is a comparison's, not a resync's.
    """

    first: date
    here: int
    since: int = 0
    gone: int = 0
    listed: int = 0
    found_gone: int = 0
    differed: int = 0
    verified_at: datetime | None = None
    run_id: UUID | None = None
    compared: bool = False

    @property
    def missing_here(self) -> int:
        """That Stripe listed and that has not come since. What came and went again is not missing."""
        ever_here = self.here - self.since + self.gone
        return max(0, self.listed + self.found_gone - ever_here) if self.verified_at else 0

    @property
    def missing_there(self) -> int:
        """That is here still, although Stripe said on a direct read that it is gone."""
        return max(0, self.found_gone - self.gone)

    @property
    def unlisted(self) -> int:
        """Here since before the last reading, and neither listed by it nor said to be gone."""
        return max(0, self.here - self.since - self.listed - self.missing_there) if self.verified_at else 0

    @property
    def wrong(self) -> int:
        return self.missing_here + self.missing_there + self.unlisted


@dataclass(frozen=True)
class OfType:
    """`months`: newest first, without those of which nothing is known and nothing is here. `unread`: how many of them
    were never read whole though they are older than the last reading. `undated`: here, without a time of creation.
    `refused`: the key may not read it, in Stripe's word; `by_owner`: Stripe lists it for one customer at a time only.
    """

    type: str
    months: Sequence[Month] = field(default_factory=list)
    undated: int = 0
    refused: MissingScope | None = None
    by_owner: bool = False

    def _sum(self, name: str) -> int:
        return sum(getattr(month, name) for month in self.months)

    @property
    def here(self) -> int:
        return self._sum("here") + self.undated

    @property
    def listed(self) -> int:
        return self._sum("listed")

    @property
    def missing_here(self) -> int:
        return self._sum("missing_here")

    @property
    def missing_there(self) -> int:
        return self._sum("missing_there")

    @property
    def unlisted(self) -> int:
        return self._sum("unlisted")

    @property
    def wrong(self) -> int:
        return self._sum("wrong")

    @property
    def differed(self) -> int:
        return self._sum("differed")

    @property
    def as_of(self) -> datetime | None:
        """Of its months, when that was read which was read longest ago."""
        return min((month.verified_at for month in self.months if month.verified_at), default=None)

    @property
    def unread(self) -> int:
        if self.as_of is None:
            return 0
        return sum(1 for month in self.months if not month.verified_at and start_of(month.first, UTC) <= self.as_of)

    @property
    def newest(self) -> Month | None:
        """The month that was read last."""
        read = [month for month in self.months if month.verified_at]
        return max(read, key=lambda month: (month.verified_at, month.first), default=None)


def completeness(types: Sequence[str], by_owner: Collection[str] = ()) -> list[OfType]:
    """Each of the types, in their order. Five queries, of which one runs through an index over everything that is here.

    `by_owner`: those that have no list of their own.
    """
    rows = list(ListedMonth.objects.filter(type__in=types).annotate(run_kind=F("run__kind")))
    here = _by_month(ObjectState.objects.filter(deleted_at=None, type__in=types))
    since, gone = _created_since(rows), _gone_since(rows)
    refused = {each.type: each for each in MissingScope.objects.all()}
    read = {(row.type, row.month): row for row in rows}
    months: dict[str, list[Month]] = {type_name: [] for type_name in types}
    for type_name, first in sorted(read.keys() | {key for key in here if key[1] != UNDATED}, reverse=True):
        key = (type_name, first)
        alive = here.get(key, 0)
        row = read.get(key)
        months[type_name].append(
            Month(
                first=first,
                here=alive,
                since=since.get(key, 0),
                gone=gone.get(key, 0),
                listed=row.listed,
                found_gone=row.missing_there,
                differed=row.differed,
                verified_at=row.verified_at,
                run_id=row.run_id,
                compared=row.run_kind == ResyncRun.Kind.COMPARE,
            )
            if row
            else Month(first, alive)
        )
    return [
        OfType(
            type_name,
            months[type_name],
            undated=here.get((type_name, UNDATED), 0),
            refused=refused.get(type_name),
            by_owner=type_name in by_owner,
        )
        for type_name in types
    ]


def missing_scopes(types: Iterable[str] | None = None) -> list[MissingScope]:
    """What the key may not read, of all types or of these. One query."""
    found = MissingScope.objects.order_by("type")
    return list(found if types is None else found.filter(type__in=list(types)))


@dataclass(frozen=True)
class Sample:
    """A comparison of a few pages of each type. `objects` of `types` were compared; `differing` were not the same on
    both sides, or on one side only; `failed` could not be compared."""

    run: ResyncRun
    types: int

    @property
    def objects(self) -> int:
        return self.run.done

    @property
    def differing(self) -> int:
        return self.run.changed + self.run.new + self.run.gone

    @property
    def failed(self) -> int:
        return self.run.failed

    @property
    def under_way(self) -> bool:
        return self.run.state in ResyncRun.UNFINISHED


def last_sample() -> Sample | None:
    """The newest, whatever its state. Two queries."""
    run = _samples().defer("scope").order_by("-created_at", "-id").first()
    if run is None:
        return None
    return Sample(run, ResyncPart.objects.filter(run=run).aggregate(types=Count("step__type", distinct=True))["types"])


A_NIGHT_LATE = timedelta(hours=36)
"""Samples begin a day apart: after so long a night went by without one."""


@dataclass(frozen=True)
class OverdueSample:
    """The newest that was compared to its end was asked for at `since`; where none ever was, `since` then objects have
    been here and `ever` is False.

    `because`: what keeps one from being compared, where that is known: a resync of everything that has not ended, or
    the newest sample, which stands still, failed or was cancelled.
    """

    since: datetime
    ever: bool
    because: ResyncRun | None = None


def overdue_sample(now: datetime) -> OverdueSample | None:
    """None where a sample was compared lately or is being compared, where nothing is here of which one could be taken,
    and where no worker is alive that would do so. Seven queries at most, two where all is well."""
    if not WorkerHeartbeat.is_anyone_alive(now):
        return None
    compared = _samples().filter(state__in=(State.COMPLETE, State.PARTIAL)).order_by("-created_at", "-id")
    last = compared.values_list("created_at", flat=True).first()
    since = last or _read_since()
    if since is None or now - since <= A_NIGHT_LATE or not ObjectState.objects.exists():
        return None
    newest = _samples().defer("scope").order_by("-created_at", "-id").first()
    if newest and newest.state in (State.QUEUED, State.RUNNING) and now - newest.created_at <= A_NIGHT_LATE:
        return None
    everything = ResyncRun.objects.filter(kind=ResyncRun.Kind.RESYNC, target="all", state__in=ResyncRun.UNFINISHED)
    # One that was paused before the night and forgotten is not waited for.
    waited_for = everything.exclude(state=State.PAUSED, created_at__lt=now - timedelta(days=1)).first()
    is_newer = newest is not None and (last is None or newest.created_at > last)
    return OverdueSample(since, bool(last), waited_for or (newest if is_newer else None))


def _samples() -> QuerySet[ResyncRun]:
    return ResyncRun.objects.filter(kind=ResyncRun.Kind.COMPARE, target="sample")


def _read_since() -> datetime | None:
    """Of an account without a sample: since the first resync ended, and where none was made, since a worker began."""
    first = ResyncRun.objects.filter(kind=ResyncRun.Kind.RESYNC).aggregate(at=Min("finished_at"))["at"]
    return first or WorkerHeartbeat.objects.aggregate(at=Min("started_at"))["at"]


class _Month(Func):
    """What begins with `2026-01`, in UTC: a date on PostgreSQL, where a text for each of all objects takes two thirds
    longer to count by. Django's TruncMonth calls Python for each row on SQLite, where times are text in UTC."""

    output_field = CharField()
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="substr(%(expressions)s, 1, 7)", **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "date_trunc('month', %(expressions)s AT TIME ZONE 'UTC')::date"
        return self.as_sql(compiler, connection, template=template, **more)


def _by_month(states: Any) -> Counts:
    counted = states.order_by().annotate(month=_Month("created_at")).values_list("type", "month")
    return {
        (type_name, date.fromisoformat(f"{str(month)[:7]}-01") if month else UNDATED): count
        for type_name, month, count in counted.annotate(count=Count("*"))
    }


def _created_since(rows: Sequence[ListedMonth]) -> Counts:
    """Of the months that were read before they ended: what is here and was created after the reading."""
    late = Q(pk__in=[])
    for row in rows:
        end = start_of(add_months(row.month, 1), UTC)
        if row.counted_to < end:
            late |= Q(type=row.type, created_at__gt=row.counted_to, created_at__lt=end)
    return _by_month(ObjectState.objects.filter(late, deleted_at=None)) if late else {}


def _gone_since(rows: Sequence[ListedMonth]) -> Counts:
    """Tombstones that were made after the reading of the month that their objects are of."""
    if not rows:
        return {}
    since = {(row.type, row.month): row.counted_to for row in rows}
    gone = ObjectState.objects.filter(deleted_at__gt=min(since.values()), created_at__isnull=False)
    counts: Counter[tuple[str, date]] = Counter()
    for type_name, created_at, deleted_at in gone.values_list("type", "created_at", "deleted_at").iterator():
        if created_at and deleted_at:
            key = (type_name, month_of(created_at, UTC))
            counts[key] += key in since and deleted_at > since[key]
    return counts
