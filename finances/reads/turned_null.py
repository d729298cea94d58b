"""Fields that lost their value: what another API version, or another way to ask, looks like from here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from finances.models import ResyncFinding

LATELY = timedelta(days=30)
FEWEST = 3
MOST_READ = 5_000
MOST_SHOWN = 20


@dataclass(frozen=True)
class TurnedNull:
    """`field`: without the places in lists, `lines.data.amount`. `objects`: that had a value there and now have null or
    lack it; `changed`: all in which the field changed. Where both are the same, it may be the version rather than the
    business: a discount that ended turns null too, but then others began."""

    type: str
    field: str
    objects: int
    changed: int
    newest: datetime


def turned_null(now: datetime) -> list[TurnedNull]:
    """Of at least three objects in the last 30 days, the most frequent first. One query, over the newest five thousand
    changes that resyncs and comparisons found."""
    found = ResyncFinding.objects.filter(kind=ResyncFinding.Kind.CHANGED, found_at__gt=now - LATELY).order_by(
        "-found_at", "-id"
    )
    lost: dict[tuple[str, str], dict[str, datetime]] = {}
    changed: dict[tuple[str, str], set[str]] = {}
    rows = found.values_list("object_type", "object_id", "found_at", "differences")[:MOST_READ]
    for type_name, object_id, found_at, differences in rows:
        for name, is_lost in _fields(differences):
            changed.setdefault((type_name, name), set()).add(object_id)
            if is_lost:
                lost.setdefault((type_name, name), {}).setdefault(object_id, found_at)
    kept = [
        TurnedNull(*key, objects=len(times), changed=len(changed[key]), newest=max(times.values()))
        for key, times in lost.items()
        if len(times) >= FEWEST
    ]
    return sorted(kept, key=lambda each: (-each.objects, each.type, each.field))[:MOST_SHOWN]


def _fields(differences: Any) -> Iterable[tuple[str, bool]]:
    """Each field that differs, and whether it had a value and has none."""
    for each in differences if isinstance(differences, list) else []:
        name = re.sub(r"\[\d+\]", "", str(each.get("field", "")))
        yield name, each.get("before") is not None and each.get("after") is None
