"""Completeness in words: what may be said of a type, and of a month of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.formatting import EN_DASH, duration, relative, things, whole_number
from dashboard.tables.remark import Remark
from finances.models import ResyncRun
from finances.periods import add_months
from finances.reads.completeness import Month, OfType, OverdueSample, Sample
from finances.reads.turned_null import TurnedNull


@dataclass(frozen=True)
class Verdict:
    """`word`: on the badge, in its `tone`; `remark`: what qualifies it."""

    tone: str
    word: str
    remark: Remark
    complete: bool = False


@dataclass(frozen=True)
class TypeRow:
    """A line of the table. Numbers are texts, a dash where nobody has counted. `since`: created after the last reading.
    `read_at`: the last one; `run_id`: of the run that made it; `compared`: that was a comparison."""

    type: str
    name: str
    verdict: Verdict
    listed: str
    here: str
    since: str
    missing: str
    gone: str
    differed: str
    read_at: datetime | None
    run_id: UUID | None
    compared: bool


def type_rows(found: Sequence[OfType]) -> list[TypeRow]:
    return [_row(each) for each in found]


def _row(of: OfType) -> TypeRow:
    newest = of.newest

    def counted(number: int) -> str:
        return whole_number(number) if newest else EN_DASH

    since = sum(month.since for month in of.months) + sum(month.here for month in of.months if _came_later(month, of))
    return TypeRow(
        type=of.type,
        name=capfirst(things(of.type)),
        verdict=verdict(of),
        listed=counted(of.listed),
        here=whole_number(of.here),
        since=whole_number(since) if since and newest else "",
        missing=counted(of.missing_here),
        gone=counted(of.missing_there + of.unlisted),
        differed=counted(of.differed),
        read_at=newest.verified_at if newest else None,
        run_id=newest.run_id if newest else None,
        compared=newest is not None and newest.compared,
    )


def _came_later(month: Month, of: OfType) -> bool:
    """A month that began after the last reading: everything in it is new."""
    newest = of.newest
    return not month.verified_at and newest is not None and month.first > newest.first


def verdict(of: OfType) -> Verdict:
    """The worst first; "complete" is said only where nothing speaks against it."""
    if of.refused:
        return Verdict("negative", _("Not readable with this key"), Remark(of.refused.advice))
    if of.newest is None:
        if of.by_owner:
            return Verdict("neutral", _("Not counted"), Remark(_("Stripe lists them for one customer at a time")))
        return Verdict("neutral", _("Never verified"), Remark(_("a resync or a comparison of all of them counts them")))
    if wrong := wrong_in_words(of):
        return Verdict("warning", capfirst(wrong[0]), Remark(", ".join([*wrong[1:], _("as of")]), of.as_of, ""))
    if of.unread:
        few = ngettext(
            "%(months)s month never read whole, the others as of",
            "%(months)s months never read whole, the others as of",
            of.unread,
        )
        return Verdict("info", _("Complete in part"), Remark(few % {"months": of.unread}, of.as_of, ""))
    if of.undated:
        few = ngettext(
            "%(objects)s here without a time of creation, the others as of",
            "%(objects)s here without a time of creation, the others as of",
            of.undated,
        )
        return Verdict("info", _("Complete in part"), Remark(few % {"objects": whole_number(of.undated)}, of.as_of, ""))
    return Verdict("positive", _("Complete"), Remark(_("as of"), of.as_of, ""), complete=True)


def wrong_in_words(of: OfType | Month) -> list[str]:
    """`3 missing`, `1 gone at Stripe and still here`, `2 here that Stripe did not list`; empty where nothing is."""
    found = (
        (of.missing_here, ngettext("%(objects)s missing", "%(objects)s missing", of.missing_here)),
        (
            of.missing_there,
            ngettext(
                "%(objects)s gone at Stripe and still here",
                "%(objects)s gone at Stripe and still here",
                of.missing_there,
            ),
        ),
        (
            of.unlisted,
            ngettext(
                "%(objects)s here that Stripe did not list", "%(objects)s here that Stripe did not list", of.unlisted
            ),
        ),
    )
    return [words % {"objects": whole_number(number)} for number, words in found if number]


def summary(rows: Sequence[TypeRow]) -> str:
    """`18 of 20 types complete`."""
    complete = sum(row.verdict.complete for row in rows)
    said = ngettext("%(complete)s of %(types)s type complete", "%(complete)s of %(types)s types complete", len(rows))
    return said % {"complete": complete, "types": len(rows)}


def month_bounds(month: date) -> dict[str, str]:
    """As the forms of resyncs and comparisons take them: days in UTC."""
    return {"since": f"{month:%Y-%m-%d}", "until": f"{add_months(month, 1):%Y-%m-%d}"}


def sample_sentence(sample: Sample) -> tuple[str, str]:
    """Tone, and what it found: `812 objects of 18 types compared, 2 differ.`"""
    said = ngettext(
        "%(objects)s object of %(types)s types compared",
        "%(objects)s objects of %(types)s types compared",
        sample.objects,
    )
    found = [said % {"objects": whole_number(sample.objects), "types": sample.types}]
    tone = "warning"
    if sample.under_way:
        found, tone = [_("%(compared)s so far") % {"compared": found[0]}], "info"
    elif sample.run.state == "cancelled":
        found.append(_("then it was cancelled"))
    elif sample.run.state == "failed":
        found.append(_("then it was given up"))
    elif sample.differing:
        few = ngettext("%(objects)s differs", "%(objects)s differ", sample.differing)
        found.append(few % {"objects": whole_number(sample.differing)})
    else:
        found.append(_("none differs"))
        tone = "warning" if sample.failed else "positive"
    if sample.failed:
        few = ngettext("%(objects)s could not be compared", "%(objects)s could not be compared", sample.failed)
        found.append(few % {"objects": whole_number(sample.failed)})
    return tone, f"{', '.join(found)}."


class OverdueNote(NamedTuple):
    """`address` and `verb`: where to mend it or to see why; empty for whoever may neither."""

    fact: str
    text: str
    address: str
    verb: str


def overdue_note(overdue: OverdueSample, now: datetime, *, may_mend: bool) -> OverdueNote:
    time = {"time": duration(now - overdue.since)}
    fact = _("No sample has been compared with Stripe for %(time)s.") % time
    if not overdue.ever:
        fact = _("No sample was ever compared with Stripe, and objects have been here for %(time)s.") % time
    run = overdue.because
    if run is None:
        text = _(
            "A worker compares one each night after 03:00. Compare one now; if the next night brings none either, "
            "look at the log of the workers."
        )
    elif run.kind == ResyncRun.Kind.RESYNC:
        text = _("It waits for the resync of everything, asked for %(when)s: let that end, or cancel it.")
        text = text % {"when": relative(run.created_at, now)}
    elif run.state in ResyncRun.UNFINISHED:
        text = _("The one that was asked for %(when)s has not ended: resume it, or cancel it and compare another.")
        text = text % {"when": relative(run.created_at, now)}
    else:
        text = _("The newest one came to no end. See why; once that is mended, compare one.")
    if run is not None:
        page = "console:comparison" if run.kind == ResyncRun.Kind.COMPARE else "console:resync"
        return OverdueNote(fact, text, reverse(page, args=[run.pk]), _("See it"))
    if not may_mend:
        return OverdueNote(fact, _("A worker compares one each night after 03:00. Ask an admin to look why."), "", "")
    return OverdueNote(fact, text, f"{reverse('console:comparison_plan')}?target=sample", _("Compare a sample…"))


def lost_remark(lost: TurnedNull) -> str:
    """Whether it looks like the version or like business."""
    if lost.objects == lost.changed:
        return _("never to another value")
    said = ngettext("of %(objects)s in which it changed", "of %(objects)s in which it changed", lost.changed)
    return said % {"objects": whole_number(lost.changed)}
