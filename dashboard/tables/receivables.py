"""Receivables in words: a row a currency with a bar in each bucket, and a row for each customer who owes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.tables.failures import Failure
from dashboard.tables.payments import last_failure
from finances.metrics.aging import BUCKETS, OPEN, OVERDUE, UNCOLLECTIBLE, Aged, Receivables, days_late
from finances.reads.receivables import Debtor

VERY_LATE = 60  # days

Address = Callable[[str, str], str]
"""Of what stands behind a currency and a key of `finances.metrics.aging`."""


def names() -> dict[str, str]:
    """Of the buckets, short, by key."""
    return {
        "not-due": _("Not yet due"),
        "1-30": _("1–30 days"),
        "31-60": _("31–60"),
        "61-90": _("61–90"),
        "91-120": _("91–120"),
        "over-120": _("Over 120"),
    }


def phrase(key: str) -> str:
    """Behind `who owes`, or before a sum."""
    return {
        OVERDUE: _("overdue"),
        OPEN: _("open"),
        "not-due": _("not yet due"),
        "1-30": _("1–30 days late"),
        "31-60": _("31–60 days late"),
        "61-90": _("61–90 days late"),
        "91-120": _("91–120 days late"),
        "over-120": _("over 120 days late"),
    }[key]


class Cell(NamedTuple):
    """`width`: per cent of the currency's largest bucket. `who`: the customers behind it; `behind`: the invoices."""

    name: str
    held: Aged
    age: int
    width: int
    who: str
    behind: str
    many: str


@dataclass(frozen=True)
class ShownCurrency:
    currency: str
    count: str
    cells: list[Cell]
    overdue: Cell
    total: Cell
    uncollectible: Cell


@dataclass(frozen=True)
class ShownDebtor:
    """`late`: days, of the oldest invoice. `on_its_way`: that a payment is being processed, empty where none is.
    `waits`: an invoice is left without one; `sent`: all of these are sent. `behind`: the list of just these invoices.
    """

    debtor: Debtor
    late: str
    tone: str
    failure: Failure | None
    on_its_way: str
    waits: bool
    sent: bool
    behind: str
    count: str


def shown_receivables(found: Sequence[Receivables], who: Address, behind: Address) -> list[ShownCurrency]:
    return [_shown(one, who, behind) for one in found]


def _shown(one: Receivables, who: Address, behind: Address) -> ShownCurrency:
    largest = max((held.amount for held in one.buckets), default=0)

    def cell(key: str, held: Aged, name: str = "", age: int = 0) -> Cell:
        width = round(100 * max(held.amount, 0) / largest) if largest > 0 else 0
        return Cell(name, held, age, width, who(one.currency, key), behind(one.currency, key), invoices(held.invoices))

    called = names()
    return ShownCurrency(
        currency=one.currency,
        count=invoices(one.total.invoices),
        cells=[
            cell(bucket.key, held, called[bucket.key], age)
            for age, (bucket, held) in enumerate(zip(BUCKETS, one.buckets, strict=True))
        ],
        overdue=cell(OVERDUE, one.overdue, _("Overdue")),
        total=cell(OPEN, one.total, _("Total open")),
        uncollectible=cell(UNCOLLECTIBLE, one.uncollectible, _("Uncollectible")),
    )


def shown_debtors(
    rows: Sequence[Debtor], as_of: datetime, zone: tzinfo, behind: Callable[[str], str]
) -> list[ShownDebtor]:
    """`behind`: the address of the invoices of one customer."""
    return [_shown_debtor(row, days_late(row.oldest, as_of, zone), behind(row.customer_id)) for row in rows]


def _shown_debtor(row: Debtor, days: int, behind: str) -> ShownDebtor:
    return ShownDebtor(
        debtor=row,
        late=ngettext("%(days)s day", "%(days)s days", days) % {"days": f"{days:,}"} if days else _("not yet due"),
        tone="negative" if days > VERY_LATE else "warning" if days else "neutral",
        failure=last_failure(row.failure.payment, row.failure.charge) if row.failure else None,
        on_its_way=_on_its_way(row),
        waits=row.on_its_way < row.invoices,
        sent=0 < row.sent == row.invoices - row.on_its_way,
        behind=behind,
        count=invoices(row.invoices),
    )


def _on_its_way(row: Debtor) -> str:
    if not row.on_its_way:
        return ""
    if row.on_its_way == row.invoices:
        return ngettext("A payment is on its way", "Payments are on their way", row.invoices)
    said = ngettext(
        "For %(count)s invoice a payment is on its way",
        "For %(count)s invoices payments are on their way",
        row.on_its_way,
    )
    return said % {"count": f"{row.on_its_way:,}"}


def invoices(count: int) -> str:
    return ngettext("%(count)s invoice", "%(count)s invoices", count) % {"count": f"{count:,}"}
