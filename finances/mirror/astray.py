"""Rows that are not what the mirror writes: something else changed, removed or added them, or an older projection."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from djstripe import models as djstripe

from finances.mirror.held import held
from finances.mirror.rebuild import drifts_of
from finances.mirror.states import Fetched
from finances.models import InvoiceLine, state_key

Json = dict[str, Any]


@dataclass(frozen=True)
class Standing:
    """What stands in the tables of one object. `answer`: its JSON there, None without a row. `in_columns`: where the
    read model's rows do not say what that JSON says."""

    answer: Json | None
    in_columns: tuple[Json, ...] = ()

    @property
    def alive(self) -> bool:
        return self.answer is not None and self.answer.get("deleted") is not True


def standing(type_name: str, ids: Iterable[str]) -> dict[str, Standing]:
    """Of objects of one type, by id, all of them. A dozen queries at most, however many they are."""
    ids = list(ids)
    answers = held(type_name, ids)
    in_columns = column_differences(type_name, answers)
    return {each: Standing(answers.get(each), tuple(in_columns.get(each, ()))) for each in ids}


def column_differences(type_name: str, ids: Iterable[str]) -> dict[str, list[Json]]:
    """By object, as `finances.differences` gives them: {"field": "Customer.email", "before": the column, "after": what
    the stored JSON says}. Parts are named with their id, and of their owner: `InvoiceLine[il_1].amount`."""
    found: dict[str, list[Json]] = {}
    for drift in drifts_of(type_name, ids):
        row = drift.model if drift.id == drift.of else f"{drift.model}[{drift.id}]"
        sides: list[Json] = [
            {"field": f"{row}.{name}", "before": _as_json(before), "after": _as_json(after)}
            for name, (before, after) in drift.values.items()
        ]
        if not drift.values:
            sides = [{"field": row, "before" if drift.there else "after": drift.id}]
        found.setdefault(drift.of, []).extend(sides)
    return found


def astray(fetched: Sequence[Fetched]) -> dict[str, Standing]:
    """Of what was fetched, by key, those whose rows are not what this answer leaves there."""
    by_type: dict[str, dict[str, Fetched]] = {}
    for it in fetched:
        by_type.setdefault(it.type, {})[it.id] = it
    lines = _lines_astray(fetched)
    by_key = {
        state_key(type_name, object_id): (of_type[object_id], stands)
        for type_name, of_type in by_type.items()
        for object_id, stands in standing(type_name, of_type).items()
    }
    return {
        key: replace(stands, in_columns=stands.in_columns + lines.get(key, ()))
        for key, (it, stands) in by_key.items()
        if _differs(it, stands) or key in lines
    }


def _lines_astray(fetched: Sequence[Fetched]) -> dict[str, tuple[Json, ...]]:
    """By key of their invoice: lines beyond those in its own JSON that are not here as Stripe has them. Two queries."""
    wanted = {line["id"]: line for it in fetched for line in it.further_lines}
    if not wanted:
        return {}
    ours = dict(djstripe.LineItem.objects.filter(id__in=wanted).values_list("id", "stripe_data"))
    rows = set(InvoiceLine.objects.filter(id__in=wanted).values_list("id", flat=True))
    wrong = {line_id for line_id, line in wanted.items() if ours.get(line_id) != line or line_id not in rows}
    found = {
        it.key: tuple(
            {"field": f"InvoiceLine[{line['id']}]", "after": line["id"]}
            for line in it.further_lines
            if line["id"] in wrong
        )
        for it in fetched
    }
    return {key: lines for key, lines in found.items() if lines}


def _differs(fetched: Fetched, stands: Standing) -> bool:
    if fetched.deleted:  # what was known of it stays, marked
        return stands.alive or bool(stands.in_columns)
    return stands.answer != fetched.data or bool(stands.in_columns)


def _as_json(value: Any) -> Any:
    match value:
        case Decimal():
            return format(value.normalize(), "f")
        case datetime() | date():
            return value.isoformat()
    return value
