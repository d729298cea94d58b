"""Two states of a Stripe object, field by field."""

from typing import Any

Json = dict[str, Any]
MISSING = object()

LIMIT = 200
"""Differences kept of one object; past that the object is as good as another one."""


def differences(before: Any, after: Any, field: str = "") -> list[Json]:
    """[{"field": "items.data[0].quantity", "before": 1, "after": 2}]; a side without a value lacks its key.

    `field`: the name of the value itself, where it is a part of something.
    """
    found: list[Json] = []
    _compare(before, after, field, found)
    return found[:LIMIT]


def _compare(before: Any, after: Any, field: str, found: list[Json]) -> None:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            path = f"{field}.{name}" if field else name
            _compare(before.get(name, MISSING), after.get(name, MISSING), path, found)
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            left = before[index] if index < len(before) else MISSING
            right = after[index] if index < len(after) else MISSING
            _compare(left, right, f"{field}[{index}]", found)
    elif type(before) is not type(after) or before != after:
        difference: Json = {"field": field}
        if before is not MISSING:
            difference["before"] = before
        if after is not MISSING:
            difference["after"] = after
        found.append(difference)
