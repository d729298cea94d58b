"""The lines of an invoice, with those of one change standing together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from finances.models import InvoiceLine
from finances.reads.stored import amount_at, at, decimal_at, id_at, list_at, text_at, time_at

SHOWN = 50
MOST = 1_000


@dataclass(frozen=True)
class Line:
    """Amounts in minor units of the invoice's currency; `unit_amount` may have a fraction, None for tiers.

    `discount`: taken off, positive. `tax`: None where there is none. `subscription_id` may be empty.
    """

    description: str
    starts_at: datetime | None
    ends_at: datetime | None
    quantity: Decimal | None
    unit_amount: Decimal | None
    tax: int | None
    amount: int | None
    proration: bool
    discount: int = 0
    subscription_id: str = ""


@dataclass(frozen=True)
class LineGroup:
    """Lines of one change (`changed_at` is its moment), or lines that are no proration, which stand for themselves."""

    changed_at: datetime | None
    lines: list[Line] = field(default_factory=list)

    @property
    def net(self) -> int:
        """What the change comes to: the charges less the credits."""
        return sum(line.amount or 0 for line in self.lines)


@dataclass(frozen=True)
class Lines:
    """`count`: of all that are stored. `all_here`: whether those are all that the invoice has."""

    groups: list[LineGroup]
    count: int
    shown: int
    all_here: bool


def lines_of(invoice_id: str, stored: dict[str, Any], *, everything: bool = False) -> Lines:
    """The first fifty, or with `everything` the first thousand. From our rows, or where there are none from what
    came along with Stripe's invoice. Two queries.
    """
    rows = InvoiceLine.objects.filter(invoice_id=invoice_id, deleted_at=None)
    count = rows.count()
    found = [from_row(row) for row in rows.order_by("position", "id")[: MOST if everything else SHOWN]]
    came_along = list_at(stored, "lines")
    all_here = at(stored, "lines", "has_more") is not True or count > len(came_along)
    if not found and came_along:
        found, count = [line(each) for each in came_along], len(came_along)
    return Lines(grouped(found), count, len(found), all_here)


def grouped(lines: Sequence[Line]) -> list[LineGroup]:
    """The credit and the charge of one change begin at the same moment, that of the change, in one subscription.

    Groups stand where their first line does; what is no proration stays in runs of its own.
    """
    groups: list[LineGroup] = []
    of_change: dict[tuple[str, datetime], LineGroup] = {}
    for each in lines:
        if each.proration and each.starts_at:
            key = (each.subscription_id, each.starts_at)
            if key not in of_change:
                of_change[key] = LineGroup(each.starts_at)
                groups.append(of_change[key])
            of_change[key].lines.append(each)
            continue
        if not groups or groups[-1].changed_at is not None:
            groups.append(LineGroup(None))
        groups[-1].lines.append(each)
    return groups


def from_row(row: InvoiceLine) -> Line:
    return Line(
        description=row.description,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        quantity=row.quantity,
        unit_amount=row.unit_amount,
        tax=row.tax or None,
        amount=row.amount,
        proration=row.proration,
        discount=row.discount,
        subscription_id=row.subscription_id,
    )


def line(it: dict[str, Any]) -> Line:
    """Since 2025-03-31 the price is under `pricing`, the kind under `parent`; before, both were at the top."""
    tax, tax_included = taxes(it, "taxes", "tax_amounts")
    kind = at(it, "parent", "subscription_item_details") or at(it, "parent", "invoice_item_details")
    unit_amount = decimal_at(it, "pricing", "unit_amount_decimal")
    if unit_amount is None:
        unit_amount = decimal_at(it, "price", "unit_amount_decimal")
    quantity = decimal_at(it, "quantity_decimal")
    return Line(
        description=text_at(it, "description"),
        starts_at=time_at(it, "period", "start"),
        ends_at=time_at(it, "period", "end"),
        quantity=quantity if quantity is not None else decimal_at(it, "quantity"),
        unit_amount=unit_amount,
        tax=tax + tax_included if list_at(it, "taxes") or list_at(it, "tax_amounts") else None,
        amount=amount_at(it, "amount"),
        proration=at(kind, "proration") is True or at(it, "proration") is True,
        discount=amounts(list_at(it, "discount_amounts")),
        subscription_id=id_at(kind, "subscription") or id_at(it, "subscription"),
    )


def amounts(parts: Iterable[dict[str, Any]]) -> int:
    return sum(amount_at(each, "amount") or 0 for each in parts)


def taxes(it: dict[str, Any], new: str, old: str) -> tuple[int, int]:
    """(added to the amount, included in it), in minor units."""
    added = included = 0
    for each in list_at(it, new) or list_at(it, old):
        amount = amount_at(each, "amount") or 0
        if is_inclusive(each):
            included += amount
        else:
            added += amount
    return added, included


def is_inclusive(tax: dict[str, Any]) -> bool:
    return text_at(tax, "tax_behavior") == "inclusive" or at(tax, "inclusive") is True
