"""A type's list, cut at months of creation, so that several workers share it and each says what it read whole."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import Count
from django.db.models.functions import TruncMonth

from finances.models import ObjectState
from finances.periods import add_months, month_of, start_of
from finances.resync.steps import Step, owners_apart

PAGE = 100
A_SLICE = 20 * PAGE
"""Objects: long enough that the call by which each slice ends does not count, short enough for workers to share."""


class Slice(NamedTuple):
    """Created at `gte` or later and before `lt`, epoch seconds; None: open. `objects`: that we hold of it."""

    gte: int | None
    lt: int | None
    objects: int

    @property
    def created(self) -> dict[str, int]:
        """As a filter of Stripe's lists."""
        bounds = {"gte": self.gte, "lt": self.lt}
        return {name: seconds for name, seconds in bounds.items() if seconds is not None}

    @property
    def calls(self) -> int:
        return max(1, -(-self.objects // PAGE))


LONG = 5
"""Pages after which what is left of a slice is shared: where little was here, nobody knew how long it would be."""
OWNERS = 400
"""Whose lists one part reads one by one."""
SPANS = (1, 2, 4, 8)
"""Months that the next slices take: most accounts grow, so the older ones are thinner."""


def cut(step: Step, before: Mapping[str, Any], place: Mapping[str, Any]) -> list[Step]:
    """After a page, the step to go on with; of a list that turns out long, then those that others may take off it.

    `before`, `place`: the part's place before the page and after it.
    """
    if "each" in step and "of" not in step and not before.get("after"):
        return split(step, place["after"])
    filters = step.get("filters", {})
    is_of_a_type = step.keys() == {"type", "filters"} and filters.keys() <= {"created"}
    upper = place.get("upper")
    if place.get("pages", 0) % LONG or not is_of_a_type or "created" in place or not isinstance(upper, int):
        return [step]
    return [step | {"filters": {"created": each}} for each in share_out(filters.get("created") or {}, upper)]


def share_out(created: Mapping[str, int], last: int) -> list[dict[str, int]]:
    """What is left of a slice that is read newest first and has come to the second `last`, as bounds of creation.

    The first is what its worker goes on with, to the beginning of that month; then those for others, newest first.
    Cut at months (UTC), as slices are; one slice where nothing is left before that month.
    """
    lowest = created.get("gte")
    newer = {name: created[name] for name in ("lt",) if name in created}
    month = month_of(datetime.fromtimestamp(last, UTC), UTC)
    found = []
    for months in (0, *SPANS):
        month = add_months(month, -months)
        start = int(start_of(month, UTC).timestamp())
        if start <= 0 or (lowest is not None and start <= lowest):
            break
        found.append({"gte": start, **newer})
        newer = {"lt": start}
    return [*found, ({"gte": lowest} if lowest is not None else {}) | newer]


def split(step: Step, after: str) -> list[Step]:
    """A step that reads a list for each of many owners, and has come to the one `after`, as steps of some each: the
    first is what its worker goes on with."""
    cuts = owners_apart(step, after, OWNERS)
    starts, ends = ["", *cuts], [*cuts, step.get("to", "")]
    return [
        step | {name: owner for name, owner in (("after", start), ("to", end)) if owner}
        for start, end in zip(starts, ends, strict=True)
    ]


def slices(type_name: str, *, since: datetime | None = None, until: datetime | None = None) -> list[Slice]:
    """One after the other without a gap, newest last; the first and the last are open where no bound was asked for.

    Cut at the beginnings of months (UTC), by what is here of the type. Three queries.
    """
    held = ObjectState.objects.filter(type=type_name, deleted_at=None)
    undated = 0 if since or until else held.filter(created_at=None).count()
    dated = held.filter(created_at__isnull=False)
    if since:
        dated = dated.filter(created_at__gte=since)
    if until:
        dated = dated.filter(created_at__lt=until)
    months = dated.annotate(month=TruncMonth("created_at", tzinfo=UTC)).values_list("month").annotate(Count("pk"))
    found: list[Slice] = []
    begins, objects = _seconds(since), 0
    for month, count in months.order_by("month"):
        start = int(month.timestamp())
        if objects and objects + count > A_SLICE and (begins is None or start > begins):
            found.append(Slice(begins, start, objects))
            begins, objects = start, 0
        objects += count
    return [*found, Slice(begins, _seconds(until), objects + undated)]


def _seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None
