"""Sums over time, read from the daily totals where these are right, and from the rows themselves where they are not.

So a number is always that of the rows, whether anybody has summed the newest days yet or not; a day that nobody has
summed costs more, and that is all. Read in one snapshot (`finances.snapshot`): a day may be summed between two
statements.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from django.db import connection
from django.db.models import Aggregate, F, Func, IntegerField, Q, QuerySet, Sum

from finances.models import DailyTotal, DirtyDay, TotalsZone
from finances.periods import day_of, end_of_day, start_of

MOST_SPANS = 60
"""Stretches of days that are read from the rows one by one; with more of them, all of the time is."""

Span = tuple[datetime | None, datetime]
"""From the first moment to the last, both in it; None for the beginning of time."""
Within = Callable[[str], Q]
"""The condition that a column's moment is in the time that is asked for."""
Sums = tuple[Any, ...]


@dataclass(frozen=True)
class Source:
    """What a total is the sum of: rows, each on the day of its `moment`, told apart by `keys` (a column of the total:
    the expression for it), and added up by `sums` (a column of the total: the aggregate for it)."""

    rows: Callable[[Within], QuerySet[Any]]
    moment: str
    keys: Mapping[str, Any]
    sums: Mapping[str, Aggregate]


@dataclass(frozen=True)
class Total:
    """`kind`: of the marks that make its days dirty. `sums`: its columns, in the order in which `sums` gives them; a
    source without one of them adds nothing to it."""

    model: type[DailyTotal]
    kind: DirtyDay.Kind
    keys: tuple[str, ...]
    sums: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Standing:
    """Which days of the totals are not what the rows say, by kind, in `zone`; None for all of them: nothing was summed
    by the days of this zone."""

    zone: tzinfo
    dirty: Mapping[str, frozenset[date]] | None

    def of(self, total: Total) -> frozenset[date] | None:
        return None if self.dirty is None else self.dirty.get(total.kind, frozenset())


def standing(zone: tzinfo) -> Standing:
    """One query."""
    zones, marks = TotalsZone._meta.db_table, DirtyDay._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT z.name, d.kind, d.day FROM {zones} z "  # noqa: S608  # nosec B608  # our own tables' names
            f"LEFT JOIN (SELECT DISTINCT kind, day FROM {marks}) d ON 1 = 1"
        )
        found = cursor.fetchall()
    if not found or found[0][0] != str(zone):
        return Standing(zone, None)
    marked: dict[str, set[date]] = {}
    for _, kind, day in found:
        if kind is not None:
            marked.setdefault(kind, set()).add(date.fromisoformat(day) if isinstance(day, str) else day)
    return Standing(zone, {kind: frozenset(days_within(days, zone)) for kind, days in marked.items()})


def days_within(days: Iterable[date], zone: tzinfo) -> set[date]:
    """The days of `zone` that have a moment in common with these days of UTC: at most two each, as a rule."""
    found: set[date] = set()
    for day in days:
        try:
            first, last = day_of(start_of(day, UTC), zone), day_of(end_of_day(day, UTC), zone)
        except OverflowError:  # the first or the last day that there is
            continue
        found |= {first + timedelta(days=ahead) for ahead in range((last - first).days + 1)}
    return found


def sums(
    total: Total, by: Sequence[str], cuts: Sequence[datetime], standing: Standing, *, since: datetime | None = None
) -> dict[tuple[Any, ...], Sums]:
    """What a total comes to between moments: (place of the cut, *values of `by`): one value for each of `total.sums`.

    At place 0 stands what is from `since` on, or from the beginning, to the first cut, which is in it; at place 1 what
    comes after that to the second, and so on; what comes after the last is nowhere, and so is a place where nothing is.
    At most a query for the totals and one for each source.
    """
    zone, dirty = standing.zone, standing.of(total)
    spans: list[Span] = [(since, cuts[-1])]
    if dirty is None:
        return from_rows(total, by, cuts, spans)
    first, last = day_of(since, zone) if since else date.min, day_of(cuts[-1], zone)
    apart = {day for day in dirty if first <= day <= last}
    apart |= {day_of(cut, zone) for cut in cuts if cut != end_of_day(day_of(cut, zone), zone)}
    if since and since != start_of(first, zone):
        apart.add(first)
    together = stretches(apart)
    if len(together) > MOST_SPANS:
        return from_rows(total, by, cuts, spans)
    found = _from_days(total, by, [day_of(cut, zone) for cut in cuts], first, apart)
    spans = [_clipped(start_of(begin, zone), end_of_day(end, zone), since, cuts[-1]) for begin, end in together]
    return _added(found, from_rows(total, by, cuts, spans)) if spans else found


def from_rows(
    total: Total, by: Sequence[str], cuts: Sequence[datetime], spans: Sequence[Span]
) -> dict[tuple[Any, ...], Sums]:
    """The same from the rows alone, of those in `spans`. A query for each source."""

    def within(column: str) -> Q:
        conditions = Q()
        for begin, end in spans:
            conditions |= Q(**{f"{column}__lte": end} | ({f"{column}__gte": begin} if begin else {}))
        return conditions

    found: dict[tuple[Any, ...], Sums] = {}
    for source in total.sources:
        keys = {f"by_{name}": source.keys.get(name, F(name)) for name in by}
        aggregates = {f"sum_{name}": aggregate for name, aggregate in source.sums.items()}
        rows = source.rows(within).order_by().annotate(place=_Place(source.moment, cuts), **keys)
        found = _added(found, _grouped(total, rows, [*keys], aggregates))
    return found


def _from_days(
    total: Total, by: Sequence[str], days: Sequence[date], first: date, apart: set[date]
) -> dict[tuple[Any, ...], Sums]:
    rows = total.model._base_manager.filter(day__gte=first, day__lte=days[-1]).exclude(day__in=apart).order_by()
    keys = {f"by_{name}": F(name) for name in by}
    rows = rows.annotate(place=_Place("day", days), **keys)
    return _grouped(total, rows, [*keys], {f"sum_{name}": Sum(name) for name in total.sums})


def _grouped(
    total: Total, rows: QuerySet[Any], keys: Sequence[str], aggregates: Mapping[str, Aggregate]
) -> dict[tuple[Any, ...], Sums]:
    return {
        (row["place"], *(row[name] for name in keys)): tuple(row.get(f"sum_{name}") or 0 for name in total.sums)
        for row in rows.values("place", *keys).annotate(**aggregates)
    }


class _Place(Func):
    """Which cut is the first that a row does not come after. Compared here, so that a day begins for the database when
    it begins for `finances.periods`, and SQLite calls no function of Python for each row. The SQL of Case and When,
    which Django resolves condition by condition: that took longer than the queries."""

    output_field = IntegerField()

    def __init__(self, column: str, cuts: Sequence[Any]) -> None:
        super().__init__(F(column))
        self._cuts = cuts

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column = self.source_expressions[0]
        sql, parameters = compiler.compile(column)
        whens, values = [], []
        for place, cut in enumerate(self._cuts):
            whens.append(f"WHEN {sql} <= %s THEN {place}")
            values += [*parameters, column.output_field.get_db_prep_value(cut, connection)]
        return f"CASE {' '.join(whens)} ELSE {len(self._cuts)} END", values


def stretches(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days that follow one another, laid together: the first and the last of each stretch."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _clipped(begin: datetime, end: datetime, since: datetime | None, until: datetime) -> Span:
    return (max(begin, since) if since else begin), min(end, until)


def _added(one: dict[tuple[Any, ...], Sums], other: dict[tuple[Any, ...], Sums]) -> dict[tuple[Any, ...], Sums]:
    found = dict(one)
    for key, values in other.items():
        found[key] = tuple(map(sum, zip(found[key], values, strict=True))) if key in found else values
    return found
