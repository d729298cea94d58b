from collections.abc import Iterator, Sequence
from datetime import datetime

from dashboard.exports.sheet import Sheet
from finances.models import TaxRate

HEADS = ("id", "display_name", "percentage", "inclusive", "active", "country", "jurisdiction", "created_at")


def lines(rows: Sequence[TaxRate], now: datetime) -> Iterator[Sequence[object]]:
    for it in rows:
        yield tuple(getattr(it, name) for name in HEADS)


SHEET = Sheet(HEADS, lines)
