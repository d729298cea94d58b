"""Completeness in words: what may be said of a type, and of a month of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dashboard.formatting import EN_DASH, things, whole_number
from dashboard.tables.remark import Remark
from finances.periods import add_months
from finances.reads.completeness import Month, OfType, Sample
from finances.reads.turned_null import TurnedNull


@dataclass(frozen=True)
class Verdict:
    """`word`: on the badge, in its `tone`; `remark`: what qualifies it."""

    tone: str
    word: str
    remark: Remark


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
        name=things(of.type).capitalize(),
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
        return Verdict("negative", "Not readable with this key", Remark(of.refused.advice))
    if of.newest is None:
        if of.by_owner:
            return Verdict("neutral", "Not counted", Remark("Stripe lists them for one customer at a time"))
        return Verdict("neutral", "Never verified", Remark("a resync or a comparison of all of them counts them"))
    if wrong := wrong_in_words(of):
        return Verdict("warning", wrong[0].capitalize(), Remark(", ".join([*wrong[1:], "as of"]), of.as_of, ""))
    if of.unread:
        few = f"{of.unread} month{'' if of.unread == 1 else 's'} never read whole, the others as of"
        return Verdict("info", "Complete in part", Remark(few, of.as_of, ""))
    if of.undated:
        few = f"{whole_number(of.undated)} here without a time of creation, the others as of"
        return Verdict("info", "Complete in part", Remark(few, of.as_of, ""))
    return Verdict("positive", "Complete", Remark("as of", of.as_of, ""))


def wrong_in_words(of: OfType | Month) -> list[str]:
    """`3 missing`, `1 gone at Stripe and still here`, `2 here that Stripe did not list`; empty where nothing is."""
    return [
        f"{whole_number(number)} {words}"
        for number, words in (
            (of.missing_here, "missing"),
            (of.missing_there, "gone at Stripe and still here"),
            (of.unlisted, "here that Stripe did not list"),
        )
        if number
    ]


def summary(rows: Sequence[TypeRow]) -> str:
    """`18 of 20 types complete`."""
    complete = sum(1 for row in rows if row.verdict.word == "Complete")
    return f"{complete} of {len(rows)} types complete"


def month_bounds(month: date) -> dict[str, str]:
    """As the forms of resyncs and comparisons take them: days in UTC."""
    return {"since": f"{month:%Y-%m-%d}", "until": f"{add_months(month, 1):%Y-%m-%d}"}


def sample_sentence(sample: Sample) -> tuple[str, str]:
    """Tone, and what it found: `812 objects of 18 types compared, 2 differ.`"""
    objects = f"{whole_number(sample.objects)} object{'' if sample.objects == 1 else 's'}"
    said = f"{objects} of {sample.types} types compared"
    failed = f", {whole_number(sample.failed)} could not be compared" if sample.failed else ""
    if sample.under_way:
        return "info", f"{said} so far{failed}."
    if sample.run.state in ("failed", "cancelled"):
        return (
            "warning",
            f"{said}, then it was {'cancelled' if sample.run.state == 'cancelled' else 'given up'}{failed}.",
        )
    if sample.differing:
        few = f"{whole_number(sample.differing)} differ{'s' if sample.differing == 1 else ''}"
        return "warning", f"{said}, {few}{failed}."
    return "warning" if sample.failed else "positive", f"{said}, none differs{failed}."


def lost_remark(lost: TurnedNull) -> str:
    """Whether it looks like the version or like business."""
    if lost.objects == lost.changed:
        return "never to another value"
    return f"of {whole_number(lost.changed)} in which it changed"
