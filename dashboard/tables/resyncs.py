"""Resyncs in words: what a run is about, what a plan reads and costs, what a run does and waits for."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from dashboard.formatting import duration, relative, things, whole_number, word
from finances.models import ResyncFinding, ResyncRun
from finances.rate_budget import ALL, limit_of
from finances.reads.resyncs import Hold, PartsOfType, Progress
from finances.resync.plan import Plan
from finances.resync.steps import LISTED

STAYS = "nothing is changed in Stripe; the run, your name and the reason are kept in the audit trail"
MOST_NAMED = 4
PER_PAGE = 100
"""Objects that Stripe gives a call, at most."""


def scope_in_words(target: str, scope: Mapping[str, Any], now: datetime, names: Mapping[str, str] | None = None) -> str:
    """What stands after "Resync of": `everything`, `all invoices created since 1 January`, a customer's name."""
    type_name = target.split(" ")[0]
    if type_name in LISTED:
        return f"all {things(type_name)}{created_in_words(scope, now)}"
    if type_name == "all":
        return f"everything{created_in_words(scope, now)}"
    if target == "drifted":
        return "what drifted"
    if target == "sample":
        return "a sample"
    if target.startswith("ids:"):
        return f"{number_of(len(scope.get('ids') or ()), 'object')} by id"
    return (names or {}).get(target) or target


def created_in_words(scope: Mapping[str, Any], now: datetime) -> str:
    """With a space before; empty without a range. `scope`: "since", "until", ISO times or aware ones."""
    since, until = (_moment(scope.get(name)) for name in ("since", "until"))
    if since and until and _is_month(since, until):
        return f" created in {since:%B %Y}"
    said = [f"since {_day(since, now)}"] if since else []
    said += [f"before {_day(until, now)}"] if until else []
    return f" created {' and '.join(said)}" if said else ""


def _moment(value: Any) -> datetime | None:
    moment = datetime.fromisoformat(value) if isinstance(value, str) and value else value
    return moment.astimezone(UTC) if isinstance(moment, datetime) else None


def _is_month(since: datetime, until: datetime) -> bool:
    following = (since.replace(day=1) + timedelta(days=32)).replace(day=1)
    return since.day == 1 and since.time() == until.time() == datetime.min.time() and until == following


def _day(moment: datetime, now: datetime) -> str:
    """In UTC, as Stripe's months are cut."""
    text = f"{moment.day} {moment:%B}" + (f" {moment.year}" if moment.year != now.year else "")
    return text if moment.time() == datetime.min.time() else f"{text}, {moment:%H:%M} UTC"


def number_of(count: int, noun: str) -> str:
    return f"{whole_number(count)} {noun}{'' if count == 1 else 's'}"


class PlannedRow(NamedTuple):
    """A line of the plan: `what` is read (`one`, `many`: its nouns), `how`, about how many `objects` we hold of it
    (None where that is not known before), in how many `pieces`, which workers share."""

    what: str
    one: str
    many: str
    how: str
    objects: int | None
    pieces: int


@dataclass(frozen=True)
class PlanInWords:
    """`scope`: what stands after "Resync of"; `facts`: of the dialog; `verb`: on the button, with the number.
    `objects` and `calls`: about so many, by what we hold; `takes`: at the rate budget, at least so long; `limit`:
    calls a second; `for_100_000`: how long so many objects take where nothing is here yet."""

    target: str
    scope: str
    rows: list[PlannedRow]
    facts: list[str]
    verb: str
    objects: int
    calls: int
    takes: str
    limit: int
    for_100_000: str


def plan_in_words(plan: Plan, held: Mapping[str, int], now: datetime, names: Mapping[str, str]) -> PlanInWords:
    """`held`: by type, how many we hold of what is read."""
    limit = limit_for(plan.target)
    scope = scope_in_words(plan.target, plan.scope, now, names)
    rows = planned_rows((part.step for part in plan.parts), held)
    takes, at_the_limit = _short(plan.takes), f"at the limit of {limit} calls a second"
    type_name = plan.target.split(" ")[0]
    if plan.objects <= 1 or plan.target in names:
        verb = "Resync"
    else:
        verb = (
            f"Resync about {number_of(plan.objects, type_name.replace('_', ' ') if type_name in LISTED else 'object')}"
        )
    return PlanInWords(
        target=plan.target,
        scope=scope,
        rows=rows,
        facts=[_how_much(plan.objects, rows), f"about {number_of(plan.calls, 'call')}, {takes} {at_the_limit}", STAYS],
        verb=verb,
        objects=plan.objects,
        calls=plan.calls,
        takes=takes,
        limit=limit,
        for_100_000=_short(timedelta(seconds=100_000 / PER_PAGE / limit)),
    )


def _how_much(objects: int, rows: list[PlannedRow]) -> str:
    if not objects:
        return "nothing of it is here yet, so how much it is shows only while it is read"
    most = sorted((row for row in rows if row.objects), key=lambda row: -(row.objects or 0))[:MOST_NAMED]
    named = [f"{whole_number(row.objects or 0)} {row.many if row.objects != 1 else row.one}" for row in most]
    return f"about {number_of(objects, 'object')}" + (f": {', '.join(named)}" if len(rows) > 1 and named else "")


def _short(span: timedelta) -> str:
    return duration(max(span, timedelta(seconds=1))).replace(".0 s", " s")


def planned_rows(steps: Iterable[dict[str, Any]], held: Mapping[str, int]) -> list[PlannedRow]:
    """One a type and way of reading, in the plan's order. `held`: by type, how many we hold of what is read."""
    rows: dict[tuple[str, str], PlannedRow] = {}
    for step in steps:
        if "links" in step:  # reads nothing
            continue
        type_name = step["type"]
        what, how = _step_in_words(step)
        before = rows.get((what, how))
        pieces = (before.pieces if before else 0) + 1
        if "id" in step or "ids" in step:
            objects: int | None = (before.objects or 0 if before else 0) + len(step.get("ids") or [step.get("id")])
        else:
            objects = held.get(type_name)
        one = type_name.replace("_", " ")
        rows[what, how] = PlannedRow(what, one, things(type_name), how, objects, pieces)
    return list(rows.values())


def _step_in_words(step: dict[str, Any]) -> tuple[str, str]:
    many = things(step["type"])
    if "id" in step:
        return f"The {step['type'].replace('_', ' ')} itself", "read directly"
    if "ids" in step:
        return f"{many.capitalize()}, by their ids", "read one by one"
    if "each" in step:
        return many.capitalize(), f"a list for each {step['each']}"
    if "part_of" in step:
        return f"Its {many}", "pages of a list"
    filters = {name for name in step.get("filters", {}) if name != "created"}
    if filters:
        return f"Its {many}", "pages of a list"
    return many.capitalize(), "pages of a list, by creation"


class PartsRow(NamedTuple):
    """`tone` and `word`: the state of all of a type's parts together."""

    what: str
    parts: PartsOfType
    tone: str
    word: str


def parts_rows(parts: Iterable[PartsOfType], failed: Mapping[str, int], *, unfinished: bool) -> list[PartsRow]:
    """`failed`: by type, how many objects could not be read, though the parts that were to read them are done."""
    return [
        PartsRow(things(each.type).capitalize(), each, *_state_of(each, failed.get(each.type, 0), unfinished))
        for each in parts
    ]


def _state_of(parts: PartsOfType, failed: int, unfinished: bool) -> tuple[str, str]:
    if parts.failed:
        return "negative", "failed" if parts.failed == parts.all else "partly failed"
    if parts.done == parts.all:
        return ("warning", f"{whole_number(failed)} not read") if failed else ("positive", "read")
    if not unfinished:
        return "neutral", "not read to its end" if parts.done else "not read"
    return ("info", "being read") if parts.working or parts.done else ("neutral", "waits")


def limit_for(target: str) -> int:
    """Calls a second: a type is read from one endpoint, everything else from many."""
    of_all = limit_of(ALL)
    return min(of_all, limit_of(target.split(" ")[0])) if target.split(" ")[0] in LISTED else of_all


class Note(NamedTuple):
    """Above a run's bar. `fact` is bold."""

    tone: str
    fact: str
    text: str


def notes(run: ResyncRun, progress: Progress, hold: Hold, now: datetime) -> list[Note]:
    """What keeps a run from going on or faster, and how it ended, the gravest first."""
    found: list[Note] = []
    if run.state == ResyncRun.State.PAUSED:
        found.append(Note("neutral", "Paused.", "What was read is kept, and nothing more is read until it is resumed."))
    elif progress.no_worker:
        found.append(
            Note("warning", "No worker is alive.", "The run is kept, and goes on as soon as one starts: manage.py work")
        )
    if hold.down_until:
        again = f"Stripe is asked again {relative(hold.down_until, now)}."
        found.append(
            Note("warning", "Stripe does not answer.", f"{again} The run goes on by itself then; nothing is lost.")
        )
    elif hold.slow_until:
        again = f"Calls go on {relative(hold.slow_until, now)}."
        found.append(
            Note(
                "info", "Stripe said that there are too many calls.", f"{again} Other applications use the same limit."
            )
        )
    if hold.waiting and hold.next_try_at and not hold.down_until:
        many = hold.waiting > 1
        fact = f"{number_of(hold.waiting, 'part')} {'wait' if many else 'waits'} for another try."
        found.append(
            Note(
                "warning",
                fact,
                f"{hold.problem} {'The first is' if many else 'It is'} tried again {relative(hold.next_try_at, now)}.",
            )
        )
    for each in run.scope.get("deleted", ()):
        what, since = f"{each['type'].replace('_', ' ')} {each['id']}", datetime.fromisoformat(each["since"])
        text = f"It is marked so here since {_day(since, now)}, and what was known of it stays readable."
        found.append(Note("info", f"Stripe says that the {what} was deleted.", text))
    if run.problem or run.state in ENDED:
        tone = "negative" if run.state == ResyncRun.State.FAILED else "warning"
        fact = ENDED.get(run.state, "Something could not be read yet.")
        found.append(Note(tone, fact, run.problem))
    return found


ENDED: dict[str, str] = {
    ResyncRun.State.PARTIAL: "Not everything could be read.",
    ResyncRun.State.FAILED: "The run stopped.",
    ResyncRun.State.CANCELLED: "The run was cancelled. What it had read until then is kept.",
}


FINDING_HEADS = (
    "What",
    "Type",
    "Id",
    "Field",
    "Before",
    "After, from Stripe",
    "What went wrong",
    "What you can do",
    "When",
)


def finding_lines(findings: Iterable[ResyncFinding]) -> Iterator[Sequence[object]]:
    """A line a field that differs, one a finding without any. Values as JSON; a side without one is empty."""
    for each in findings:
        about = (word(each.kind), each.object_type, each.object_id)
        for difference in each.differences or [{}]:
            sides = (_as_json(difference[side]) if side in difference else "" for side in ("before", "after"))
            yield (*about, difference.get("field", ""), *sides, each.problem, each.advice, each.found_at)


def _as_json(value: object) -> object:
    """A number stays one, so that it can be added up."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number else json.dumps(value, ensure_ascii=False)
