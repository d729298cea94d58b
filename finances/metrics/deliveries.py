"""Deliveries by hour and state, and how long they took: p50 and p95, exact."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    ExpressionWrapper,
    F,
    Func,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import Greatest, RowNumber

from finances.models import Delivery

TARGET = timedelta(seconds=30)
"""What 95 of 100 deliveries should stay below, on their way to us and here alike."""
HOUR = timedelta(hours=1)
IN_AN_HOUR = HOUR // timedelta(microseconds=1)


class Microseconds(Func):
    """A moment as whole microseconds since 1970, computed by the database itself.

    Django's own difference of two times is, on SQLite, a call of Python for each row.
    """

    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # Stored as text, in UTC, and without a fraction where there is none; strftime would round the fraction up.
        template = (
            "(CAST(strftime('%%%%s', substr(%(expressions)s, 1, 19)) AS INTEGER) * 1000000"
            " + CAST(substr(%(expressions)s || '.000000', 21, 6) AS INTEGER))"
        )
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(EXTRACT(EPOCH FROM %(expressions)s) * 1000000)::bigint"
        return self.as_sql(compiler, connection, template=template, **context)


@dataclass(frozen=True)
class Spread:
    """Of `count` delays, by the nearest rank: half took no longer than `p50`, 95 of 100 no longer than `p95`."""

    count: int
    p50: timedelta
    p95: timedelta


@dataclass(frozen=True)
class Hour:
    """Deliveries that came in the hour that begins at `at` (UTC), by their state now, as far as one is in it.

    `way`: from Stripe's event, known to the second, to its first arrival here; without those that a comparison with
    Stripe's list found, which Stripe did not bring. `here`: from there to the end of processing, of those that are
    processed; without those that were replayed, whose processing people began. None where there is none of them. A
    delay below zero, of a clock that is off, counts as zero.
    """

    at: datetime
    states: dict[str, int] = field(default_factory=dict)
    way: Spread | None = None
    here: Spread | None = None

    @property
    def count(self) -> int:
        return sum(self.states.values())


def by_hour(now: datetime, hours: int) -> list[Hour]:
    """The hour of `now` and those before it, `hours` in all, oldest first. Three queries, each over one range of
    `received_at`."""
    last = int(now.timestamp()) // 3600
    first = last - hours + 1
    came = _came_between(_moment(first), _moment(last + 1)).annotate(hour=_hour())
    states: dict[int, dict[str, int]] = {}
    for hour, state, count in came.order_by().values_list("hour", "state").annotate(count=Count("*")):
        states.setdefault(hour, {})[state] = count
    way, here = _spreads(_on_their_way(came)), _spreads(_processed(came))
    return [Hour(_moment(each), states.get(each, {}), way.get(each), here.get(each)) for each in range(first, last + 1)]


@dataclass(frozen=True)
class Lately:
    """`way` and `here` as in `Hour`, over one stretch of time as a whole."""

    way: Spread | None
    here: Spread | None


def lately(since: datetime, now: datetime) -> Lately:
    """Of deliveries that came from `since` to `now`. Two queries."""
    came = _came_between(since, now).annotate(hour=_whole(0))
    return Lately(_spreads(_on_their_way(came)).get(0), _spreads(_processed(came)).get(0))


def nearest_rank(values: list[timedelta], percent: int) -> timedelta:
    """The definition: of n values in order, the one at rank n × percent ÷ 100, rounded up."""
    return sorted(values)[ceil(len(values) * percent / 100) - 1]


def _came_between(since: datetime, until: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(received_at__gte=since, received_at__lt=until)


def _hour() -> Any:
    return ExpressionWrapper(Microseconds("received_at") / _whole(IN_AN_HOUR), output_field=BigIntegerField())


def _whole(number: int) -> Value:
    return Value(number, output_field=BigIntegerField())


def _on_their_way(came: QuerySet[Any]) -> QuerySet[Any]:
    rows = came.annotate(delivered=_is_empty("found_by")).filter(delivered=1)
    return rows.annotate(delay=_between("created_at", "received_at"))


def _processed(came: QuerySet[Any]) -> QuerySet[Any]:
    rows = came.filter(state=Delivery.State.PROCESSED, processed_at__isnull=False)
    rows = rows.annotate(by_itself=_is_empty("replay")).filter(by_itself=1)
    return rows.annotate(delay=_between("received_at", "processed_at"))


def _is_empty(name: str) -> Case:
    """1 or 0. As a plain condition SQLite would take the index of this column, which is empty almost everywhere."""
    return Case(When(**{f"{name}__isnull": True}, then=Value(1)), default=Value(0))


def _between(start: str, end: str) -> Greatest:
    taken = ExpressionWrapper(Microseconds(end) - Microseconds(start), output_field=BigIntegerField())
    return Greatest(taken, _whole(0), output_field=BigIntegerField())


def _spreads(rows: QuerySet[Any]) -> dict[int, Spread]:
    """By hour. Two rows an hour leave the database: the delay at each of the two ranks.

    The rank r of p in n values is the one with r × 100 ≥ n × p and (r - 1) × 100 < n × p, in integers.
    """
    ranked = rows.order_by().annotate(
        rank=Window(RowNumber(), partition_by=F("hour"), order_by="delay"),
        n=Window(Count("*"), partition_by=F("hour")),
        below_p50=_below(50),
        below_p95=_below(95),
    )
    at_a_rank = ranked.filter(
        Q(below_p50__lte=0, below_p50__gt=-100) | Q(below_p95__lte=0, below_p95__gt=-100)
    ).values_list("hour", "n", "below_p50", "below_p95", "delay")
    found: dict[int, dict[str, Any]] = {}
    for hour, n, below_p50, below_p95, delay in at_a_rank:
        spread = found.setdefault(hour, {"count": n})
        for name, below in (("p50", below_p50), ("p95", below_p95)):
            if -100 < below <= 0:
                spread[name] = timedelta(microseconds=delay)
    return {hour: Spread(**spread) for hour, spread in found.items()}


def _below(percent: int) -> Any:
    whole = F("n") * _whole(percent), F("rank") * _whole(100)
    of_n, of_rank = (ExpressionWrapper(each, output_field=BigIntegerField()) for each in whole)
    return of_n - of_rank


def _moment(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * 3600, UTC)
