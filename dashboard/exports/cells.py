"""What a cell of an export may hold. Spreadsheets take text that begins in certain ways for a formula, and run it."""

from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Protocol

BEGINNINGS = tuple("=+-@\t\r\n＝＋－＠")
"""Of a formula, with their full-width forms, which some programs take for the others."""

type Cell = str | int | Decimal


class Writable(Protocol):
    """What a file is written to: no more is asked of it."""

    def write(self, data: bytes, /) -> int: ...


def cell(value: object, zone: tzinfo) -> Cell:
    """A number as it is, so that it can be added up; a time in `zone`, saying so; none empty; text that cannot be a
    formula."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | Decimal():
            return value
        case datetime():
            return value.astimezone(zone).isoformat(timespec="seconds")
    return harmless(str(value))


def harmless(text: str) -> str:
    """With an apostrophe before what would begin a formula: it is shown as text, and nothing of it is lost."""
    return f"'{text}" if text.startswith(BEGINNINGS) else text
