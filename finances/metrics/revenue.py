"""Revenue by month and currency, and what went back of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from finances.models import Invoice, Refund
from finances.periods import last_months, start_of

MONTHS = 12


@dataclass(frozen=True)
class Month:
    """`first`: the month's first day. `invoices`: how many paid ones `amount_paid` is the sum of. Minor units.

    `refunded`: given back in this month, whenever it was paid.
    """

    first: date
    amount_paid: int
    invoices: int
    refunded: int = 0

    @property
    def net(self) -> int:
        return self.amount_paid - self.refunded


@dataclass(frozen=True)
class Revenue:
    """Of one currency: every month of the range in order, empty ones too, the current and unfinished one last."""

    currency: str
    months: tuple[Month, ...]

    def __iter__(self) -> Iterator[Month]:
        return iter(self.months)


def revenue(now: datetime, zone: tzinfo, months: int = MONTHS) -> list[Revenue]:
    """Revenue of a month: the sum of `amount_paid` over the invoices whose status is paid, by the month in which
    `paid_at` falls in the account's zone, each currency alone. Refunds, disputes and Stripe's
    fees are not taken off; what was paid out of band is in, as it is in `amount_paid`. Source: ours; Stripe has none.

    Refunded in a month: the sum of the refunds that succeeded, by the month in which they were made; of payments
    without an invoice too. Disputes and credits to a customer's balance are not in it.

    Two queries for all currencies, the one with the most invoices first.
    """
    firsts = last_months(now, months, zone)
    start = start_of(firsts[0], zone)
    sums = (
        Invoice.objects.filter(status="paid", paid_at__gte=start, paid_at__lte=now)
        .order_by()
        .values("currency", month=TruncMonth("paid_at", tzinfo=zone))
        .annotate(paid=Sum("amount_paid"), invoices=Count("pk"))
    )
    found: dict[str, dict[date, Month]] = {}
    for row in sums:
        first = row["month"].date()
        found.setdefault(row["currency"], {})[first] = Month(first, row["paid"], row["invoices"])
    for (currency, first), amount in _refunded(start, now, zone).items():
        held = found.setdefault(currency, {})
        held[first] = replace(held.get(first, Month(first, 0, 0)), refunded=amount)
    by_currency = [
        Revenue(currency, tuple(held.get(first, Month(first, 0, 0)) for first in firsts))
        for currency, held in found.items()
    ]
    return sorted(by_currency, key=lambda one: (-sum(month.invoices for month in one), one.currency))


def _refunded(start: datetime, now: datetime, zone: tzinfo) -> dict[tuple[str, date], int]:
    sums = (
        Refund.objects.filter(status="succeeded", created_at__gte=start, created_at__lte=now)
        .order_by()
        .values("currency", month=TruncMonth("created_at", tzinfo=zone))
        .annotate(refunded=Sum("amount"))
    )
    return {(row["currency"], row["month"].date()): row["refunded"] for row in sums}
