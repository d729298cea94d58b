"""Whether everything was ever read from Stripe, and while it is read for the first time, how far that is."""

from dataclasses import dataclass

from django.db.models import Q

from finances.models import ResyncRun
from finances.reads.resyncs import PartsOfType, parts_of

_whole: set[str] = set()
"""Not empty once a complete run was seen: it stays so, and no page need ask again."""


@dataclass(frozen=True)
class FirstImport:
    """`read`, `reading`, `missing`: types of the run's parts, in their order; one that failed is missing.
    `percent`: whole, of the parts, at most 99."""

    run: ResyncRun
    parts: list[PartsOfType]
    read: list[str]
    reading: list[str]
    missing: list[str]
    percent: int


def first_import() -> FirstImport | None:
    """None where a run of everything has been complete, or where none is under way.

    No query once one was complete, one while none is under way, else two.
    """
    if _whole:
        return None
    complete = Q(state=ResyncRun.State.COMPLETE)
    asked = ResyncRun.objects.filter(
        complete | Q(state__in=ResyncRun.UNFINISHED), kind=ResyncRun.Kind.RESYNC, target="all"
    )
    rows = list(asked.order_by("created_at")[:2])
    if any(run.state == ResyncRun.State.COMPLETE for run in rows):
        _whole.add("all")
        return None
    return _of(rows[0], parts_of(rows[0])) if rows else None


def begin_anew() -> None:
    """Forget that a complete run was seen; for who empties the tables."""
    _whole.clear()


def _of(run: ResyncRun, parts: list[PartsOfType]) -> FirstImport:
    read = [each.type for each in parts if each.done == each.all]
    reading = [each.type for each in parts if each.type not in read and (each.working or each.done)]
    ended, pieces = sum(each.done + each.failed for each in parts), sum(each.all for each in parts)
    return FirstImport(
        run,
        parts,
        read=read,
        reading=reading,
        missing=[each.type for each in parts if each.type not in (*read, *reading)],
        percent=min(99, ended * 100 // pieces) if pieces else 0,
    )
