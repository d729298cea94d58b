"""What a list can be sorted by, as `?sort=` names it: `total` from the smallest on, `-total` from the largest.

Each is a column that an index serves in both directions. The usual order has no parameter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from finances.reads.keyset import Order

Words = str | Promise


class Kind(NamedTuple):
    """How its directions are called, and which one a first click asks for."""

    ascending: Words
    descending: Words
    descends_first: bool


TIME = Kind(_("oldest first"), _("newest first"), True)
DATE_AHEAD = Kind(_("earliest first"), _("latest first"), False)
AMOUNT = Kind(_("smallest first"), _("largest first"), True)
TEXT = Kind(_("A to Z"), _("Z to A"), False)


class Sort(NamedTuple):
    """`name` in the address; `label`: what it sorts by, in words. A text is sorted whatever its capitals."""

    name: str
    label: Words
    kind: Kind
    column: str


@dataclass(frozen=True)
class Sorted:
    by: Sort
    descending: bool

    @property
    def value(self) -> str:
        """Of the parameter."""
        return f"-{self.by.name}" if self.descending else self.by.name

    @property
    def order(self) -> Order:
        return Order(self.by.column, descending=self.descending, folded=self.by.kind is TEXT)

    @property
    def direction(self) -> Words:
        return self.by.kind.descending if self.descending else self.by.kind.ascending

    @property
    def words(self) -> Words:
        return format_lazy("{}, {}", self.by.label, self.direction)

    @property
    def aria(self) -> str:
        return "descending" if self.descending else "ascending"


@dataclass(frozen=True)
class Sorts:
    """`usual`: the value that the list has without a parameter; empty where that is none of these."""

    every: tuple[Sort, ...] = ()
    usual: str = "-created"

    def __iter__(self) -> Iterator[Sorted]:
        for sort in self.every:
            first = sort.kind.descends_first
            yield from (Sorted(sort, first), Sorted(sort, not first))

    def read(self, value: str) -> Sorted | None:
        return next((each for each in self if each.value == value), None)

    def parameter(self, asked: Sorted) -> str:
        """What the address says of it: nothing of the usual one."""
        return "" if asked.value == self.usual else asked.value


NO_SORTS = Sorts(usual="")
CREATED = Sort("created", _("Created"), TIME, "created_at")
CUSTOMERS = Sorts((CREATED, Sort("name", _("Name"), TEXT, "name"), Sort("email", _("E-mail"), TEXT, "email")))
SUBSCRIPTIONS = Sorts(
    (
        CREATED,
        Sort("value", _("Monthly value"), AMOUNT, "mrr"),
        Sort("period_end", _("Period ends"), DATE_AHEAD, "current_period_end"),
    )
)
INVOICES = Sorts(
    (
        CREATED,
        Sort("total", _("Total"), AMOUNT, "total"),
        Sort("due", _("Due date"), DATE_AHEAD, "due_at"),
        Sort("paid", _("Paid"), TIME, "paid_at"),
    )
)
PAYMENTS = REFUNDS = Sorts((CREATED, Sort("amount", _("Amount"), AMOUNT, "amount")))
DISPUTES = Sorts(
    (
        CREATED,
        Sort("amount", _("Amount"), AMOUNT, "amount"),
        Sort("answer_until", _("Answer until"), DATE_AHEAD, "evidence_due_at"),
    ),
    usual="",
)
CREDIT_NOTES = Sorts((CREATED, Sort("total", _("Total"), AMOUNT, "total")))
