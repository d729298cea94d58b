"""Monthly recurring revenue by month and currency."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from itertools import accumulate

from django.db.models import Count, Sum, Value

from finances.metrics.daily import Source, Standing, Total, standing, sums
from finances.metrics.paying import ever_paying
from finances.models import DailyRecurring, DirtyDay
from finances.periods import end_of, last_months

MONTHS = 12
A_MONTH_AGO = timedelta(days=30)
_SUMS = {"count": Count("pk"), "valued": Count("mrr"), "amount": Sum("mrr")}
RECURRING = Total(
    DailyRecurring,
    DirtyDay.Kind.SUBSCRIPTIONS,
    keys=("account_id", "currency", "ended"),
    sums=("count", "valued", "amount"),
    sources=(
        Source(
            lambda within: ever_paying().filter(within("paying_since")),
            "paying_since",
            {"ended": Value(value=False)},
            _SUMS,
        ),
        Source(
            lambda within: ever_paying().filter(within("paying_until")),
            "paying_until",
            {"ended": Value(value=True)},
            _SUMS,
        ),
    ),
)


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


def monthly_recurring_revenue(
    now: datetime, zone: tzinfo, months: int = MONTHS, as_it_stands: Standing | None = None
) -> list[Recurring]:
    """MRR at a moment: the sum of the monthly values of the subscriptions that are paid for then, per currency.

    Now, those are the ones that are active or past due. A month counts at its last moment in the account's zone, the
    running one now. A subscription without a value is in `uncounted` and in no sum; one that is worth 0 counts.
    A subscription's value is what it is worth today: quantities, prices and discounts of the past are not known before
    Paydesk first read them (Stripe keeps its events for 30 days), so today's are taken for all of its time.
    Source: `Subscription.mrr`, `paying_since`, `paying_until`.

    At most three queries for all currencies, and one more without `as_it_stands`; the one with the most subscriptions
    now first.
    """
    firsts = last_months(now, months, zone)
    moments = [*(end_of(first, zone) for first in firsts[:-1]), now]
    month_ago = now - A_MONTH_AGO
    cuts = sorted({*moments, month_ago})
    found = []
    for currency, points in _points(cuts, as_it_stands or standing(zone)).items():
        at = dict(zip(cuts, points, strict=True))
        by_month = tuple((first, at[moment]) for first, moment in zip(firsts, moments, strict=True))
        found.append(Recurring(currency, by_month, at[month_ago]))
    return sorted(found, key=lambda one: (-one.now.subscriptions, one.currency))


def _points(moments: Sequence[datetime], as_it_stands: Standing) -> dict[str, list[Point]]:
    """At a moment, those are paid for that began by then, less those that ended by then; each moment adds to the one
    before it. A currency that has nothing at the first moment, and in which nothing came or went since, is left out."""
    nothing = Point(Decimal(0), 0, 0)
    steps: dict[str, dict[int, Point]] = {}
    summed = sums(RECURRING, ["currency", "ended"], moments, as_it_stands)
    for (place, currency, ended), (count, valued, value) in summed.items():
        sign = -1 if ended else 1
        step = Point(sign * Decimal(value), sign * count, sign * (count - valued))
        of_currency = steps.setdefault(currency, {})
        of_currency[place] = _and(of_currency.get(place, nothing), step)
    return {
        currency: list(accumulate((of_currency.get(place, nothing) for place in range(len(moments))), _and))
        for currency, of_currency in steps.items()
        if of_currency.get(0, nothing) != nothing or of_currency.keys() - {0}
    }


def _and(one: Point, other: Point) -> Point:
    return Point(one.value + other.value, one.subscriptions + other.subscriptions, one.uncounted + other.uncounted)
