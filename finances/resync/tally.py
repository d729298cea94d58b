"""What a slice of a list counts by month of creation, kept in the slice's place and written down when it has ended.

Only a reading of whole months of a whole type says something about completeness: not a sample, not what hangs on one
owner, not a range that cuts a month.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from finances.models import ListedMonth, ResyncRun
from finances.periods import add_months, month_of, start_of

Json = dict[str, Any]

type Tally = dict[str, list[int]]
"""By month of creation in UTC, "2026-01": [listed, held, missing here, missing there, differed]; JSON."""

LISTED, HELD, MISSING_HERE, MISSING_THERE, DIFFERED = range(5)


class Months(NamedTuple):
    """From the month `first` (None: from the beginning) up to, without it, the month `end` (None: up to now)."""

    first: date | None
    end: date | None

    def holds(self, month: date) -> bool:
        return (self.first is None or self.first <= month) and (self.end is None or month < self.end)


def whole_months(filters: Mapping[str, Any], now: datetime) -> Months | None:
    """The months that a list under these filters brings whole: {} or {"created": {"gte", "lt"}}, in seconds.

    None where there is none, and where something else than creation narrows the list.
    """
    created = filters.get("created") or {}
    if set(filters) - {"created"} or set(created) - {"gte", "lt"}:
        return None
    first = end = None
    if "gte" in created:
        since = datetime.fromtimestamp(created["gte"], UTC)
        first = month_of(since, UTC)
        if since > start_of(first, UTC):
            first = add_months(first, 1)
    if "lt" in created and created["lt"] <= now.timestamp():
        end = month_of(datetime.fromtimestamp(created["lt"], UTC), UTC)
    this_month = month_of(now, UTC)
    none = (first and end and first >= end) or (first and first > this_month)
    return None if none else Months(first, end)


def counted(
    tally: Tally,
    objects: Iterable[Json],
    held_ids: Collection[str],
    missing_there: Iterable[datetime | None] = (),
    differed_ids: Collection[str] = (),
    *,
    began_at: datetime,
) -> Tally:
    """The tally with one page more; the one that was given stays as it is.

    `objects`: of the page, as Stripe gave them. `held_ids`: of these, that were here and alive before anything of the
    page was written. `differed_ids`: of these, that were not the same here. `missing_there`: when those were created
    that are here and that the page should have had, for which Stripe said, on a direct read, that they are gone.
    `began_at`: when the slice's first page was asked for, by our clock. What was created about then or later is not
    counted, and neither is an object without a time of creation.
    """
    found = {month: list(counts) for month, counts in tally.items()}

    def count(moment: datetime | None, *what: int) -> None:
        if moment and moment <= began_at - ListedMonth.MARGIN:
            counts = found.setdefault(f"{moment.astimezone(UTC):%Y-%m}", [0, 0, 0, 0, 0])
            for each in what:
                counts[each] += 1

    for it in objects:
        seconds = it.get("created")
        moment = datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None
        count(moment, LISTED, HELD if it["id"] in held_ids else MISSING_HERE)
        if it["id"] in differed_ids:
            count(moment, DIFFERED)
    for moment in missing_there:
        count(moment, MISSING_THERE)
    return found


def keep(run: ResyncRun, type_name: str, tally: Tally, whole: Months | None, began_at: datetime) -> None:
    """Write down what was listed, in the transaction that ends the slice. Two queries.

    `began_at`: as `counted` was given it; the slice's place keeps it. Each month of `whole` from the first of which
    anything is known has a row afterwards, so that an empty one counts as read. Nothing is written without `whole`.
    """
    if whole is None:
        return
    counts = {date.fromisoformat(f"{month}-01"): each for month, each in tally.items()}
    known = ListedMonth.objects.filter(type=type_name).values_list("month", flat=True)
    last = add_months(whole.end, -1) if whole.end else month_of(began_at, UTC)
    first = whole.first or min({*counts, *known, last})
    months = [month for month in _from_to(first, max(first, last)) if whole.holds(month)]
    ListedMonth.objects.bulk_create(
        [_row(run, type_name, month, counts.get(month, [0, 0, 0, 0, 0]), began_at) for month in months],
        update_conflicts=True,
        unique_fields=["type", "month"],
        update_fields=["listed", "held", "missing_here", "missing_there", "differed", "run", "verified_at"],
    )


def _from_to(month: date, last: date) -> Iterator[date]:
    while month <= last:
        yield month
        month = add_months(month, 1)


def _row(run: ResyncRun, type_name: str, month: date, counts: list[int], began_at: datetime) -> ListedMonth:
    return ListedMonth(
        type=type_name,
        month=month,
        listed=counts[LISTED],
        held=counts[HELD],
        missing_here=counts[MISSING_HERE],
        missing_there=counts[MISSING_THERE],
        differed=counts[DIFFERED],
        run=run,
        verified_at=began_at,
    )
