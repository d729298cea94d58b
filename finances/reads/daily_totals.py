"""Whether the daily totals keep up with what is written."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min

from finances.models import DirtyDay

LATE = timedelta(minutes=5)


@dataclass(frozen=True)
class Waiting:
    """`days`: that changed since they were summed, each kind by itself. `since`: when the first of them did; None where
    none waits. What is shown is right all the same: those days are read from the rows, which takes longer."""

    days: int
    since: datetime | None

    def is_late(self, now: datetime) -> bool:
        """A worker sums each second what changed: what waits for so long waits for a worker."""
        return self.since is not None and now - self.since > LATE


def waiting() -> Waiting:
    """One query."""
    marked = list(
        DirtyDay.objects.values("kind", "day").annotate(since=Min("marked_at")).values_list("since", flat=True)
    )
    return Waiting(len(marked), min(marked, default=None))
