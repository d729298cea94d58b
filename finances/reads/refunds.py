"""The list of refunds: of which charge, in part or in full, and the list's sums."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet, Sum

from finances.models import Charge, Customer, Refund
from finances.reads.attempts import Purpose
from finances.reads.charged import behind

CAME_TO_NOTHING = ("failed", "canceled")


@dataclass(frozen=True)
class RefundRow:
    """`charge`: None where it was never read."""

    refund: Refund
    charge: Charge | None
    customer: Customer | None
    purposes: list[Purpose] = field(default_factory=list)


@dataclass(frozen=True)
class RefundSums:
    """Of one currency, in its minor units. `returned`: of what succeeded or is on its way."""

    currency: str
    refunds: int
    amount: int
    returned: int


def newest_refunds() -> QuerySet[Refund]:
    return Refund.objects.filter(deleted_at=None).order_by("-created_at", "-id")


def refund_rows(refunds: Sequence[Refund]) -> list[RefundRow]:
    """The page's rows with charges, customers and invoices: three queries, however many rows."""
    found = behind(refunds)
    return [
        RefundRow(each, found[each.id].charge, found[each.id].customer, found[each.id].purposes) for each in refunds
    ]


def refund_sums(refunds: QuerySet[Refund]) -> list[RefundSums]:
    """One row a currency, largest count first, never added across. One query, which reads every row."""
    counted = (
        refunds.order_by()
        .values("currency")
        .annotate(
            refunds=Count("id"), sum_amount=Sum("amount"), returned=Sum("amount", filter=~Q(status__in=CAME_TO_NOTHING))
        )
        .order_by("-refunds", "currency")
    )
    return [RefundSums(row["currency"], row["refunds"], row["sum_amount"], row["returned"] or 0) for row in counted]
