"""Resyncs in words: what a run does, waits for and found."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.formatting import Text, relative, things, whole_number, word
from dashboard.tables.resync_scope import day_in_utc
from finances import nouns
from finances.models import ResyncFinding, ResyncRun
from finances.rate_budget import ALL, limit_of
from finances.reads.resyncs import Hold, PartsOfType, Progress
from finances.resync.findings import all_of, nameless
from finances.resync.steps import LISTED


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
        text = text % {"date": day_in_utc(datetime.fromisoformat(each["since"]), now)}
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


def no_single_object(finding: ResyncFinding) -> str:
    """What it is about where that has no id, `All customers`; empty where it has one."""
    if finding.object_id == all_of(finding.object_type):
        return _("All %(things)s") % {"things": things(finding.object_type)}
    if finding.object_id == nameless(finding.object_type):
        return _("%(things)s without an id") % {"things": capfirst(things(finding.object_type))}
    return ""


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
