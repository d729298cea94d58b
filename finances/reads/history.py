"""What changed on an object, and when we saw it: its versions, one against the next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from finances.differences import differences
from finances.models import ObjectVersion

NEWEST_CHANGES = 12


@dataclass(frozen=True)
class Change:
    """Between two states that were seen. `seen_at`: when the later one was; the change itself is not younger.

    `differences`: as `finances.differences` gives them. `before` and `after`: the whole states.
    """

    seen_at: datetime
    before: dict[str, Any]
    after: dict[str, Any]
    differences: list[dict[str, Any]]


@dataclass(frozen=True)
class History:
    """`changes`: newest first. `first_seen`: of the oldest state, where all of them are here; `more`: where not."""

    changes: list[Change]
    first_seen: datetime | None
    more: bool


def history(object_id: str) -> History:
    """The newest twelve changes. One query."""
    versions = ObjectVersion.objects.filter(object_id=object_id).order_by("-ticket")
    return history_of(list(versions[: NEWEST_CHANGES + 2]))


def history_of(versions: Iterable[ObjectVersion]) -> History:
    """`versions`: newest first."""
    rows = [row for row in versions if isinstance(row.stripe_data, dict)]
    pairs = list(pairwise(rows))[:NEWEST_CHANGES]
    changes = [
        Change(later.seen_at, earlier.stripe_data, later.stripe_data, found)
        for later, earlier in pairs
        if (found := differences(earlier.stripe_data, later.stripe_data))
    ]
    more = len(rows) > NEWEST_CHANGES + 1
    return History(changes, rows[-1].seen_at if rows and not more else None, more)
