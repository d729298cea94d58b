"""Whether everything was ever read from Stripe, and until it was, how far that is and what is missing."""

from dataclasses import dataclass

from django.db.models import Case, Value, When

from finances.models import ResyncRun
from finances.reads.resyncs import PartsOfType, parts_of

_whole: set[str] = set()
"""Not empty once a complete run was seen: it stays so, and no page need ask again."""


@dataclass(frozen=True)
class FirstImport:
    """`read`, `reading`, `missing`: types of the run's parts, in their order; one that failed is missing.
    `percent`: whole, of the parts, at most 99. `unfinished`: it goes on; else it ended without everything."""

    run: ResyncRun
    parts: list[PartsOfType]
    read: list[str]
    reading: list[str]
    missing: list[str]
    percent: int

    @property
    def unfinished(self) -> bool:
        return self.run.state in ResyncRun.UNFINISHED


def first_import() -> FirstImport | None:
    """The run of everything that is under way, else the newest, as long as none was complete; None where there is none.

    No query once one was complete, one while there is none, else two.
    """
    if _whole:
        return None
    rank = Case(
        When(state=ResyncRun.State.COMPLETE, then=Value(0)),
        When(state__in=ResyncRun.UNFINISHED, then=Value(1)),
        default=Value(2),
    )
    asked = ResyncRun.objects.filter(kind=ResyncRun.Kind.RESYNC, target="all")
    run = asked.order_by(rank, "-created_at").first()
    if run is not None and run.state == ResyncRun.State.COMPLETE:
        _whole.add("all")
        return None
    return _of(run, parts_of(run)) if run else None


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
