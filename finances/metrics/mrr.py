"""Monthly recurring revenue by month and currency."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from finances.metrics.paying import ever_paying, paying_at
from finances.periods import end_of, last_months

MONTHS = 12
A_MONTH_AGO = timedelta(days=30)


@dataclass(frozen=True)
class Point:
    """At one moment. `value`: minor units a month. `subscriptions`: paid for then; `uncounted` of them have none."""

    value: Decimal
    subscriptions: int
    uncounted: int


@dataclass(frozen=True)
class Recurring:
    """MRR in one currency. `months`: (first day, at the month's end), in order, the running month as of now last.

    `a_month_ago`: thirty days before now.
    """

    currency: str
    months: tuple[tuple[date, Point], ...]
    a_month_ago: Point

    def __iter__(self) -> Iterator[tuple[date, Point]]:
        return iter(self.months)

    @property
    def now(self) -> Point:
        return self.months[-1][1]

    @property
    def change(self) -> Decimal:
        """Minor units, since thirty days ago."""
        return self.now.value - self.a_month_ago.value


def monthly_recurring_revenue(now: datetime, zone: tzinfo, months: int = MONTHS) -> list[Recurring]:
    """MRR at a moment: the sum of the monthly values of the subscriptions that are paid for then, per currency.

    Now, those are the ones that are active or past due. A month counts at its last moment in the account's zone, the
    running one now. A subscription without a value is in `uncounted` and in no sum; one that is worth 0 counts.
    A subscription's value is what it is worth today: quantities, prices and discounts of the past are not known before
    Paydesk first read them (Stripe keeps its events for 30 days), so today's are taken for all of its time.
    Source: `Subscription.mrr`, `paying_since`, `paying_until`.

    One query for all currencies; the one with the most subscriptions now first.
    """
    firsts = last_months(now, months, zone)
    moments = [now - A_MONTH_AGO, *(end_of(first, zone) for first in firsts[:-1]), now]
    found = [
        Recurring(currency, tuple(zip(firsts, points[1:], strict=True)), points[0])
        for currency, points in _points(moments).items()
    ]
    return sorted(found, key=lambda one: (-one.now.subscriptions, one.currency))


def _points(moments: Sequence[datetime]) -> dict[str, list[Point]]:
    sums: dict[str, Sum | Count] = {}
    for index, moment in enumerate(moments):
        then = paying_at(moment)
        sums[f"value_{index}"] = Sum("mrr", filter=then, default=Decimal(0))
        sums[f"subscriptions_{index}"] = Count("pk", filter=then)
        sums[f"valued_{index}"] = Count("mrr", filter=then)
    within = Q(paying_until=None) | Q(paying_until__gt=min(moments))
    rows: Iterable[Mapping[str, Any]] = ever_paying().filter(within).values("currency").annotate(**sums)
    return {
        row["currency"]: [
            Point(
                value=row[f"value_{index}"],
                subscriptions=row[f"subscriptions_{index}"],
                uncounted=row[f"subscriptions_{index}"] - row[f"valued_{index}"],
            )
            for index in range(len(moments))
        ]
        for row in rows
    }
