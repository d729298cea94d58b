"""docs/journeys.md: what is written by hand stays; what follows the line below is the journeys' own."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.browser.journeys.journey import PEOPLE, Taken

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "docs" / "journeys.md"
PICTURES = ROOT / "docs" / "pictures" / "journeys"
COUNT = 12
MARK = "<!-- From here on written by: PAYDESK_WRITE_JOURNEYS=1 pytest tests/browser/journeys -->"
ROW = re.compile(
    r"^\| \d+ \| \[(?P<question>.+?)\]\(#\S+\) \|.*\| (?P<clicks>\d+) \| (?P<keys>\d+) \| [\d.]+ \|$", re.M
)


class Effort(NamedTuple):
    clicks: int
    keys: int


def efforts() -> dict[str, Effort]:
    """What the document says that it takes, by question."""
    found = ROW.finditer(DOCUMENT.read_text())
    return {row["question"]: Effort(int(row["clicks"]), int(row["keys"])) for row in found}


def write(taken: Sequence[Taken]) -> None:
    """All of them, in the order of the people. Raises ValueError where some are missing."""
    if len(taken) != COUNT:
        raise ValueError(f"{DOCUMENT.name} is written by all {COUNT} journeys together; this run made {len(taken)}")
    kept = DOCUMENT.read_text().partition(MARK)[0]
    order = list(PEOPLE)
    ordered = sorted(taken, key=lambda each: order.index(each.who))
    for picture in PICTURES.glob("*.png"):
        if picture.stem not in {each.name for each in ordered}:
            picture.unlink()
    DOCUMENT.write_text(kept + MARK + "\n\n" + "\n".join([*_table(ordered), "", *_each(ordered)]))


def _table(taken: Sequence[Taken]) -> list[str]:
    rows = [
        f"| {number} | [{it.question}](#{number}) | {PEOPLE[it.who].split(',')[0]} | {it.way or '–'} | {it.clicks} |"
        f" {it.keys} | {it.seconds:.1f} |"
        for number, it in enumerate(taken, 1)
    ]
    return [
        "| | Question | Who | Way | Clicks | Keys | Seconds |",
        "|---:|---|---|---|---:|---:|---:|",
        *rows,
        f"| | All {len(taken)} | | | {sum(it.clicks for it in taken)} | {sum(it.keys for it in taken)} |"
        f" {sum(it.seconds for it in taken):.1f} |",
    ]


def _each(taken: Sequence[Taken]) -> list[str]:
    lines: list[str] = []
    who = ""
    for number, it in enumerate(taken, 1):
        if it.who != who:
            lines += [f"## {PEOPLE[it.who]}", ""]
        who = it.who
        lines += [
            f'### <a id="{number}"></a>{number}. {it.question}',
            "",
            "  \n".join(f"> {line}" for line in it.answer.splitlines()),
            "",
            f"![{it.question}](pictures/journeys/{it.name}.png)",
            "",
        ]
    return lines
