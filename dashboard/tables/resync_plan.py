"""What a resync or a comparison would read, and what that costs, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.formatting import duration, things, whole_number
from dashboard.tables.resync_scope import scope_in_words
from dashboard.tables.resyncs import limit_for
from finances import nouns
from finances.models import ResyncRun
from finances.resync.plan import Plan
from finances.resync.steps import LISTED

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
