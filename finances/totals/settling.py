"""Sum the marked days anew: those alone, one worker at a time, beside everybody who writes.

What makes it right on PostgreSQL, whoever commits in between (READ COMMITTED, a snapshot a statement): the marks are
deleted first and the rows are read afterwards. What a mark that we delete stands for is committed, so our reading sees
it; what is committed later brings a mark that we did not see, and that one stays. Two who summed the same day could
write in the wrong order: so the row that names the zone is locked first.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from django.db import transaction
from django.db.models import Min, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from finances.metrics.daily import Total, days_within, from_rows, stretches
from finances.metrics.failed_payments import ATTEMPTED
from finances.metrics.mrr import RECURRING
from finances.metrics.revenue import EARNED_BY_PRODUCT, PAID, REFUNDED
from finances.metrics.subscribers import MOVED
from finances.models import DailyTotal, DirtyDay, TotalsZone
from finances.periods import end_of_day, start_of
from finances.tickets import locked

TOTALS: tuple[Total, ...] = (PAID, EARNED_BY_PRODUCT, REFUNDED, ATTEMPTED, RECURRING, MOVED)
AT_A_TIME = 31
"""Marked days in a transaction: a second of work at most, with a million invoices."""

Clock = Callable[[], datetime]


def settle_due(clock: Clock = timezone.now, *, stop: Callable[[], bool] = lambda: False) -> int:
    """Sum anew until no day is marked or `stop` says so; at once back where another worker is at it. How many days."""
    settled, zone = 0, timezone.get_default_timezone()
    while not stop() and (DirtyDay.objects.exists() or not _is_of(zone)):
        some = _settle_some(zone)
        settled += some
        if not some:
            break
    return settled


def _is_of(zone: tzinfo) -> bool:
    return TotalsZone.objects.filter(name=str(zone)).exists()


def _settle_some(zone: tzinfo) -> int:
    TotalsZone.objects.get_or_create(id=1, defaults={"name": ""})
    with transaction.atomic():
        alone = locked(TotalsZone.objects.filter(id=1)).first()
        if alone is None:
            return 0
        if alone.name != str(zone):
            begin_anew(zone)
        marked = DirtyDay.objects.values("kind", "day").annotate(first=Min("id")).order_by("first")[:AT_A_TIME]
        of_kind: dict[str, set[date]] = {}
        for row in marked:
            of_kind.setdefault(row["kind"], set()).add(row["day"])
        for kind, days in of_kind.items():
            DirtyDay.objects.filter(kind=kind, day__in=days).delete()
            for total in TOTALS:
                if total.kind == kind:
                    put_right(total, days_within(days, zone), zone)
        return sum(map(len, of_kind.values()))


def begin_anew(zone: tzinfo) -> None:
    """Nothing is summed by the days of this zone yet: forget what was, and mark every day on which there is a row."""
    for total in TOTALS:
        total.model._base_manager.all().delete()
    for kind in DirtyDay.Kind:
        days = {day for total in TOTALS if total.kind == kind for day in days_of_rows(total)}
        DirtyDay.objects.bulk_create(DirtyDay(kind=kind, day=day) for day in sorted(days))
    TotalsZone.objects.update_or_create(id=1, defaults={"name": str(zone)})


def days_of_rows(total: Total) -> set[date]:
    """The days, in UTC, on which there is something to sum. One reading of all rows."""
    found: set[date] = set()
    for source in total.sources:
        rows = source.rows(lambda column: Q(**{f"{column}__isnull": False})).order_by()
        found |= set(rows.values_list(TruncDate(source.moment, tzinfo=UTC), flat=True).distinct())
    return found


def put_right(total: Total, days: Iterable[date], zone: tzinfo) -> list[tuple[DailyTotal | None, DailyTotal | None]]:
    """Write what these days' rows come to, where it is not there. What was and what is now, where the two differ."""
    found = list(differences(total, sorted(days), zone))
    model = total.model
    surplus = [was.pk for was, now in found if was and not now]
    if surplus:
        model._base_manager.filter(pk__in=surplus).delete()
    unique = ["day", *total.keys]
    model._base_manager.bulk_create(
        [now for _, now in found if now], update_conflicts=True, unique_fields=unique, update_fields=list(total.sums)
    )
    return found


def differences(
    total: Total, days: Sequence[date], zone: tzinfo
) -> Iterator[tuple[DailyTotal | None, DailyTotal | None]]:
    """What stands of these days, and what their rows come to: (None, row) for what is missing, (row, None) for what is
    too much. A query for what stands, and one for each source."""
    if not days:
        return
    spans = [(start_of(first, zone), end_of_day(last, zone)) for first, last in stretches(days)]
    summed = from_rows(total, total.keys, [end_of_day(day, zone) for day in days], spans)
    wanted = {(days[place], *keys): values for (place, *keys), values in summed.items()}
    rows = total.model._base_manager.filter(day__in=days)
    standing = {(row.day, *(getattr(row, name) for name in total.keys)): row for row in rows}
    for key in sorted(standing.keys() | wanted.keys()):
        was, values = standing.get(key), wanted.get(key)
        if values is None:
            yield was, None
        elif was is None or tuple(getattr(was, name) for name in total.sums) != _at_scale(total, values):
            fields: dict[str, Any] = dict(zip(("day", *total.keys), key, strict=True))
            yield was, total.model(**fields, **dict(zip(total.sums, _at_scale(total, values), strict=True)))


def _at_scale(total: Total, values: Sequence[Any]) -> tuple[Any, ...]:
    """As the columns hold it: SQLite adds decimals as floats."""
    fields = [total.model._meta.get_field(name) for name in total.sums]
    return tuple(
        round(value, places) if (places := getattr(field, "decimal_places", None)) is not None and value else value
        for field, value in zip(fields, values, strict=True)
    )
