"""New, returned and lost subscribers by month. A subscriber is a customer with at least one subscription that is paid
for, whatever it is worth and in whatever currency."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import cache

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from finances.metrics.daily import Source, Standing, Total, standing, sums
from finances.metrics.paying import ever_paying, paying_at
from finances.models import DailySubscribers, DirtyDay, Subscription
from finances.periods import bounds, end_of, last_months, start_of

MONTHS = 12


@dataclass(frozen=True)
class Month:
    """opening + new + returned - lost = closing, always. One who leaves and comes back within it is in both."""

    first: date
    opening: int
    new: int
    returned: int
    lost: int

    @property
    def closing(self) -> int:
        return self.opening + self.new + self.returned - self.lost


@dataclass(frozen=True)
class Subscribers:
    """Every month of the range in order, the current and unfinished one last."""

    months: tuple[Month, ...]

    def __iter__(self) -> Iterator[Month]:
        return iter(self.months)

    @property
    def now(self) -> int:
        return self.months[-1].closing


def subscribers(now: datetime, zone: tzinfo, months: int = MONTHS, as_it_stands: Standing | None = None) -> Subscribers:
    """A customer's paid times are laid together, overlapping and touching ones being one. Where such a stretch begins,
    the customer is new if it is their first one, else returned; where it ends, lost. A second subscription, or another
    one that takes over without a gap, changes nothing. Months are cut in the account's zone. Trials do not count.
    Source: `Subscription.paying_since` and `paying_until`.

    At most three queries, whatever there is, and one more without `as_it_stands`.
    """
    firsts = last_months(now, months, zone)
    # What began in the very first moment belongs to the month, so the opening is what was so before it.
    before = start_of(firsts[0], zone) - timedelta(microseconds=1)
    cuts = [before, *(end_of(first, zone) for first in firsts[:-1]), now]
    happened = sums(MOVED, [], cuts, as_it_stands or standing(zone))
    new, returned, lost = happened.get((0,), (0, 0, 0))
    opening = new + returned - lost
    found = []
    for place, first in enumerate(firsts, start=1):
        month = Month(first, opening, *happened.get((place,), (0, 0, 0)))
        found.append(month)
        opening = month.closing
    return Subscribers(tuple(found))


def subscribers_at(moment: datetime) -> int:
    """How many there are at a moment: one query."""
    return ever_paying().filter(paying_at(moment)).aggregate(them=Count("customer_id", distinct=True))["them"]


def customers_returned_in(month: date, zone: tzinfo) -> QuerySet:
    """Ids of the customers who subscribed again in that month, after a time without."""
    start, after = bounds(month, zone)
    return _returned().filter(paying_since__gte=start, paying_since__lt=after).values("customer_id")


def customers_lost_in(month: date, zone: tzinfo) -> QuerySet:
    """Ids of the customers whose last running subscription ended in that month, those who came back since too."""
    start, after = bounds(month, zone)
    return _lost().filter(paying_until__gte=start, paying_until__lt=after).values("customer_id")


@cache  # to put these together takes Django longer than to write the query
def _beginnings() -> QuerySet[Subscription]:
    """The rows with which a stretch begins, one a stretch."""
    theirs = ever_paying().filter(customer_id=OuterRef("customer_id"))
    begun = Q(paying_since__lt=OuterRef("paying_since"))
    reaching = Q(paying_until=None) | Q(paying_until__gte=OuterRef("paying_since"))
    twin = Q(paying_since=OuterRef("paying_since"), pk__lt=OuterRef("pk"))
    return ever_paying().filter(~Exists(theirs.filter((begun & reaching) | twin)))


def _returned() -> QuerySet[Subscription]:
    return _beginnings().filter(_paid_before())


@cache
def _paid_before() -> Exists:
    return Exists(ever_paying().filter(customer_id=OuterRef("customer_id"), paying_since__lt=OuterRef("paying_since")))


@cache
def _lost() -> QuerySet[Subscription]:
    """The rows with which a stretch ends, one a stretch."""
    theirs = ever_paying().filter(customer_id=OuterRef("customer_id"))
    begun = Q(paying_since__lte=OuterRef("paying_until"))
    going_on = Q(paying_until=None) | Q(paying_until__gt=OuterRef("paying_until"))
    twin = Q(paying_until=OuterRef("paying_until"), pk__lt=OuterRef("pk"))
    return ever_paying().filter(~Exists(theirs.filter((begun & going_on) | twin)), paying_until__isnull=False)


MOVED = Total(
    DailySubscribers,
    DirtyDay.Kind.SUBSCRIPTIONS,
    keys=("account_id",),
    sums=("new", "returned", "lost"),
    sources=(
        Source(
            lambda within: _beginnings().filter(within("paying_since")),
            "paying_since",
            {},
            {"new": Count("pk", filter=~_paid_before()), "returned": Count("pk", filter=_paid_before())},
        ),
        Source(lambda within: _lost().filter(within("paying_until")), "paying_until", {}, {"lost": Count("pk")}),
    ),
)
