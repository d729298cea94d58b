"""Differences as a table draws them: values as JSON, of a long pair the part that differs."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

LONGEST_VALUE = 600
SHORT = 24  # characters: below it a pair is read at a glance


class Side(NamedTuple):
    """A value in three parts, of which only the middle one differs from the other side."""

    head: str
    changed: str
    tail: str


class Difference(NamedTuple):
    field: str
    before: Side | None
    after: Side | None


def difference_rows(differences: Iterable[dict[str, Any]]) -> list[Difference]:
    """Rows of {"field", "before", "after"}; a side without a value lacks its key."""
    return [_row(each) for each in differences]


def _row(difference: dict[str, Any]) -> Difference:
    before = _value(difference["before"]) if "before" in difference else None
    after = _value(difference["after"]) if "after" in difference else None
    field = str(difference.get("field", ""))
    if before is None or after is None or min(len(before), len(after)) < SHORT:
        whole = [None if value is None else Side(value, "", "") for value in (before, after)]
        return Difference(field, *whole)
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    return Difference(field, _split(before, start, end), _split(after, start, end))


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"


def _common(one: str, other: str) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _split(text: str, start: int, end: int) -> Side:
    stop = len(text) - end
    return Side(text[:start], text[start:stop], text[stop:])
