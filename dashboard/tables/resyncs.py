"""Resyncs in words: what a run is about, what a plan reads and costs, what a run does and waits for."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.formatting import Text, duration, relative, things, whole_number, word
from finances import nouns
from finances.models import ResyncFinding, ResyncRun
from finances.rate_budget import ALL, limit_of
from finances.reads.resyncs import Hold, PartsOfType, Progress
from finances.resync.plan import Plan
from finances.resync.steps import LISTED
from finances.resync.targets import is_id

STAYS = {
    ResyncRun.Kind.RESYNC: gettext_lazy(
        "nothing is changed in Stripe; the run, your name and the reason are kept in the audit trail"
    ),
    ResyncRun.Kind.COMPARE: gettext_lazy(
        "nothing is written, here or in Stripe; the comparison, your name and the reason are kept in the audit trail"
    ),
}
MOST_NAMED = 4
PER_PAGE = 100
"""Objects that Stripe gives a call, at most."""


def scope_in_words(target: str, scope: Mapping[str, Any], now: datetime, names: Mapping[str, str] | None = None) -> str:
    """What stands after "Resync of": `everything`, `all invoices created since 1 January`, a customer's name."""
    type_name = target.split(" ")[0]
    if type_name in LISTED:
        return created_in_words(_("all %(things)s") % {"things": things(type_name)}, scope, now)
    if type_name == "all":
        return created_in_words(_("everything"), scope, now)
    if target == "drifted":
        return _("what drifted")
    if target == "sample":
        return _("a sample")
    if target.startswith("ids:"):
        count = len(scope.get("ids") or ())
        return ngettext("%(count)s object by id", "%(count)s objects by id", count) % {"count": whole_number(count)}
    called = (names or {}).get(target) or target
    if scope.get("ids"):
        return _("%(object)s, without what hangs on it") % {"object": called}
    return called


def scope_as_heading(
    target: str, scope: Mapping[str, Any], now: datetime, names: Mapping[str, str] | None = None
) -> str:
    """The same where nothing stands before it; ids and names stay as they are."""
    said = scope_in_words(target, scope, now, names)
    return said if is_id(target) else capfirst(said)


MOST_IDS_NAMED = 3


def named_scope_in_words(target: str, ids: Sequence[str], now: datetime) -> str:
    """The same as a sentence begins, from the target's name alone; empty where it is one object.

    `ids`: those that `ids:` and a digest stand for, as far as they are known: `4 ids: cus_…, in_…, in_… and 1 more`.
    """
    if target.startswith("ids:"):
        return _ids_in_words(ids) if ids else _("Some objects, by their ids")
    what, *range_of_creation = target.split(" ")
    if what not in (*LISTED, "all", "drifted", "sample"):
        return ""
    try:
        bounds = {word: _utc(at) for word, at in batched(range_of_creation, 2, strict=True)}
    except ValueError:
        return ""
    return capfirst(scope_in_words(target, bounds, now))


def _ids_in_words(ids: Sequence[str]) -> str:
    named, more = ", ".join(ids[:MOST_IDS_NAMED]), len(ids) - MOST_IDS_NAMED
    if more > 0:
        said = _("%(count)s ids: %(ids)s and %(more)s more")
    else:
        said = ngettext("%(count)s id: %(ids)s", "%(count)s ids: %(ids)s", len(ids))
    return said % {"count": whole_number(len(ids)), "ids": named, "more": whole_number(max(0, more))}


def _utc(text: str) -> datetime:
    """As targets are named: a day, or a moment with its zone."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def created_in_words(what: str, scope: Mapping[str, Any], now: datetime) -> str:
    """`what` as it is without a range. `scope`: "since", "until", ISO times or aware ones."""
    since, until = (_moment(scope.get(name)) for name in ("since", "until"))
    if since and until and _is_month(since, until):
        return _("%(what)s created in %(month)s") % {"what": what, "month": date_format(since, "F Y")}
    if since and until:
        said = _("%(what)s created since %(first)s and before %(last)s")
    elif since:
        said = _("%(what)s created since %(first)s")
    elif until:
        said = _("%(what)s created before %(last)s")
    else:
        return what
    return said % {
        "what": what,
        "first": _day(since, now) if since else "",
        "last": _day(until, now) if until else "",
    }


def _moment(value: Any) -> datetime | None:
    moment = datetime.fromisoformat(value) if isinstance(value, str) and value else value
    return moment.astimezone(UTC) if isinstance(moment, datetime) else None


def _is_month(since: datetime, until: datetime) -> bool:
    following = (since.replace(day=1) + timedelta(days=32)).replace(day=1)
    return since.day == 1 and since.time() == until.time() == datetime.min.time() and until == following


def _day(moment: datetime, now: datetime) -> str:
    """In UTC, as Stripe's months are cut."""
    text = date_format(moment, "j F" if moment.year == now.year else "j F Y")
    if moment.time() == datetime.min.time():
        return text
    return _("%(day)s, %(time)s UTC") % {"day": text, "time": f"{moment:%H:%M}"}


class PlannedRow(NamedTuple):
    """A line of the plan: `what` is read, of which `type`, `how`, about how many `objects` we hold of it (None where
    that is not known before), in how many `pieces`, which workers share."""

    what: str
    type: str
    how: str
    objects: int | None
    pieces: int


@dataclass(frozen=True)
class PlanInWords:
    """`scope`: what stands after "Resync of" or "Comparison of"; `facts`: of the dialog; `verb`: on the button, with
    the number. `objects` and `calls`: about so many, by what we hold; `takes`: at the rate budget, at least so long;
    `limit`: calls a second; `for_100_000`: how long so many objects take where nothing is here yet."""

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


def plan_in_words(
    plan: Plan,
    held: Mapping[str, int],
    now: datetime,
    names: Mapping[str, str],
    *,
    kind: ResyncRun.Kind = ResyncRun.Kind.RESYNC,
) -> PlanInWords:
    """`held`: by type, how many we hold of what is read."""
    limit = limit_for(plan.target)
    scope = scope_in_words(plan.target, plan.scope, now, names)
    rows = planned_rows((part.step for part in plan.parts), held)
    takes = _short(plan.takes)
    costs = ngettext(
        "about %(calls)s call, %(time)s at the limit of %(limit)s calls a second",
        "about %(calls)s calls, %(time)s at the limit of %(limit)s calls a second",
        plan.calls,
    )
    return PlanInWords(
        target=plan.target,
        scope=scope,
        rows=rows,
        facts=[
            _how_much(plan.objects, rows),
            costs % {"calls": whole_number(plan.calls), "time": takes, "limit": limit},
            str(STAYS[kind]),
        ],
        verb=_verb(plan, names, is_comparison=kind == ResyncRun.Kind.COMPARE),
        objects=plan.objects,
        calls=plan.calls,
        takes=takes,
        limit=limit,
        for_100_000=_short(timedelta(seconds=100_000 / PER_PAGE / limit)),
    )


class Standing(NamedTuple):
    """A run that reads already what is planned. `verb`: of the link to it."""

    fact: str
    text: str
    verb: str


def standing_in_words(run: ResyncRun, target: str) -> Standing:
    """`target`: what is planned; the run is of the same, or of everything."""
    if run.kind == ResyncRun.Kind.COMPARE:
        verb = _("See that comparison")
        if run.target == target:
            return Standing(_("This is being compared already."), _("A second comparison of it is not begun."), verb)
        return Standing(_("Everything is being compared already,"), _("this too."), verb)
    verb = _("See that run")
    if run.target == target:
        return Standing(_("This is being read already."), _("A second run of the same is not made."), verb)
    return Standing(_("Everything is being read already,"), _("this too."), verb)


def _verb(plan: Plan, names: Mapping[str, str], *, is_comparison: bool) -> str:
    """With the number, but for one object by its name."""
    if plan.objects <= 1 or plan.target in names:
        return _("Compare with Stripe") if is_comparison else _("Resync")
    type_name = plan.target.split(" ")[0]
    said = _("Compare about %(objects)s with Stripe") if is_comparison else _("Resync about %(objects)s")
    return said % {"objects": nouns.counted(plan.objects, type_name if type_name in LISTED else "")}


def _how_much(objects: int, rows: list[PlannedRow]) -> str:
    if not objects:
        return _("nothing of it is here yet, so how much it is shows only while it is read")
    most = sorted((row for row in rows if row.objects), key=lambda row: -(row.objects or 0))[:MOST_NAMED]
    named = [nouns.counted(row.objects or 0, row.type) for row in most]
    said = _("about %(objects)s: %(named)s") if len(rows) > 1 and named else _("about %(objects)s")
    return said % {"objects": nouns.counted(objects), "named": ", ".join(named)}


def _short(span: timedelta) -> str:
    return duration(max(span, timedelta(seconds=1)), whole=True)


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
        rows[what, how] = PlannedRow(what, type_name, how, objects, pieces)
    return list(rows.values())


def _step_in_words(step: dict[str, Any]) -> tuple[str, str]:
    many = things(step["type"])
    if "id" in step:
        return _("The %(thing)s itself") % {"thing": nouns.one(step["type"])}, _("read directly")
    if "ids" in step:
        return _("%(things)s, by their ids") % {"things": capfirst(many)}, _("read one by one")
    if "each" in step:
        owner = str(OWNERS.get(step["each"]) or nouns.one(step["each"]))
        return capfirst(many), _("a list for each %(owner)s") % {"owner": owner}
    if "pages" in step:
        return capfirst(many), _("single pages of a list, chosen anew at the start")
    filters = {name for name in step.get("filters", {}) if name != "created"}
    if "part_of" in step or filters:
        return _("Its %(things)s") % {"things": many}, _("pages of a list")
    return capfirst(many), _("pages of a list, by creation")


OWNERS = {
    "customer with a balance": gettext_lazy("customer with a balance"),
    "refunded charge": gettext_lazy("refunded charge"),
    "disputed charge": gettext_lazy("disputed charge"),
}


class PartsRow(NamedTuple):
    """`tone` and `word`: the state of all of a type's parts together."""

    what: str
    parts: PartsOfType
    tone: str
    word: str


def parts_rows(parts: Iterable[PartsOfType], failed: Mapping[str, int], *, unfinished: bool) -> list[PartsRow]:
    """`failed`: by type, how many objects could not be read, though the parts that were to read them are done."""
    return [
        PartsRow(capfirst(things(each.type)), each, *_state_of(each, failed.get(each.type, 0), unfinished))
        for each in parts
    ]


def _state_of(parts: PartsOfType, failed: int, unfinished: bool) -> tuple[str, str]:
    if parts.failed:
        return "negative", _("failed") if parts.failed == parts.all else _("partly failed")
    if parts.done == parts.all:
        if failed:
            return "warning", ngettext("%(count)s not read", "%(count)s not read", failed) % {
                "count": whole_number(failed)
            }
        return "positive", _("read")
    if not unfinished:
        return "neutral", _("not read to its end") if parts.done else _("not read")
    return ("info", _("being read")) if parts.working or parts.done else ("neutral", _("waits"))


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
        said = _("What was read is kept, and nothing more is read until it is resumed.")
        found.append(Note("neutral", _("Paused."), said))
    elif progress.no_worker:
        said = _("The run is kept, and goes on as soon as one starts: manage.py work")
        found.append(Note("warning", _("No worker is alive."), said))
    if hold.down_until:
        again = _("Stripe is asked again %(when)s. The run goes on by itself then; nothing is lost.")
        said = again % {"when": relative(hold.down_until, now)}
        found.append(Note("warning", _("Stripe does not answer."), said))
    elif hold.slow_until:
        said = _("Calls go on %(when)s. Other applications use the same limit.")
        said = said % {"when": relative(hold.slow_until, now)}
        found.append(Note("info", _("Stripe said that there are too many calls."), said))
    if hold.waiting and hold.next_try_at and not hold.down_until:
        found.append(_waiting(hold, hold.next_try_at, now))
    for each in run.scope.get("deleted", ()):
        what = f"{nouns.one(each['type'])} {each['id']}"
        text = _("It is marked so here since %(date)s, and what was known of it stays readable.")
        text = text % {"date": _day(datetime.fromisoformat(each["since"]), now)}
        found.append(Note("info", _("Stripe says that the %(what)s was deleted.") % {"what": what}, text))
    if run.problem or run.state in ENDED:
        tone = "negative" if run.state == ResyncRun.State.FAILED else "warning"
        fact = ENDED.get(run.state) or _("Something could not be read yet.")
        found.append(Note(tone, str(fact), run.problem))
    return found


def _waiting(hold: Hold, next_try_at: datetime, now: datetime) -> Note:
    fact = ngettext("%(parts)s part waits for another try.", "%(parts)s parts wait for another try.", hold.waiting)
    again = ngettext("It is tried again %(when)s.", "The first is tried again %(when)s.", hold.waiting)
    said = f"{hold.problem} {again % {'when': relative(next_try_at, now)}}"
    return Note("warning", fact % {"parts": whole_number(hold.waiting)}, said)


ENDED: dict[str, Text] = {
    ResyncRun.State.PARTIAL: gettext_lazy("Not everything could be read."),
    ResyncRun.State.FAILED: gettext_lazy("The run stopped."),
    ResyncRun.State.CANCELLED: gettext_lazy("The run was cancelled. What it had read until then is kept."),
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
