"""Receivables by age: what is left on open invoices, by how many days it is late.

Source: Stripe's report on the aging of receivables (docs.stripe.com, "Accounts receivable aging").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from django.db.models import Case, CharField, Count, Q, Sum, Value, When
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from finances.models import Invoice
from finances.models.invoice import DUE_SINCE
from finances.periods import days_before

MOST_DAYS = 100 * 365  # later than anything is
NOT_DUE, OVERDUE, OPEN, UNCOLLECTIBLE = "not-due", "overdue", "open", "uncollectible"


class Bucket(NamedTuple):
    """From `first` to `last` days late, both in; None: without an end."""

    key: str
    first: int | None
    last: int | None


BUCKETS = (
    Bucket(NOT_DUE, None, 0),
    Bucket("1-30", 1, 30),
    Bucket("31-60", 31, 60),
    Bucket("61-90", 61, 90),
    Bucket("91-120", 91, 120),
    Bucket("over-120", 121, None),
)


class Aged(NamedTuple):
    """`amount`: what remains, in minor units."""

    amount: int = 0
    invoices: int = 0


@dataclass(frozen=True)
class Receivables:
    """Of one currency. `buckets`: as BUCKETS. `uncollectible`: written off, and in no bucket.

    `undated`: how many of the open invoices have no due date, since they are charged automatically.
    """

    currency: str
    buckets: tuple[Aged, ...]
    uncollectible: Aged
    undated: int

    @property
    def total(self) -> Aged:
        return _together(self.buckets)

    @property
    def overdue(self) -> Aged:
        return _together(self.buckets[1:])


def receivables(as_of: datetime, zone: tzinfo) -> list[Receivables]:
    """The `amount_remaining` of each open invoice, in the bucket of its age; each currency alone, the one with the most
    open invoices first. Drafts, void and paid invoices are out; uncollectible ones stand apart. One query.

    An invoice is due at its due date, or, charged automatically, without one, when it was finalised. Its age is the
    number of days since then, rounded up: half a day late is 1 day, 30.5 days are 31. What is due at this very moment
    is not yet due. Days are the account's (`zone`), from one time of day to the same of the next.
    """
    ages = [When(_age(bucket, as_of, zone), then=Value(bucket.key)) for bucket in BUCKETS]
    bucket = Case(When(status="uncollectible", then=Value(UNCOLLECTIBLE)), *ages, output_field=CharField())
    rows = (
        Invoice.objects.filter(status__in=("open", "uncollectible"), deleted_at=None)
        .order_by()
        .values("currency", bucket=bucket)
        .annotate(invoices=Count("pk"), amount=Sum("amount_remaining"), undated=Count("pk", filter=Q(due_at=None)))
    )
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row["currency"], {})[row["bucket"]] = row
    of_each = [_receivables(currency, held) for currency, held in found.items()]
    return sorted(of_each, key=lambda one: (-one.total.invoices, one.currency))


def aged(key: str, as_of: datetime, zone: tzinfo) -> Q:
    """Open invoices of one bucket, by its key, all that are `overdue`, or all that are `open`: exactly those that
    `receivables` sums."""
    together = (Bucket(OVERDUE, 1, None), Bucket(OPEN, None, None))
    bucket = next(each for each in (*BUCKETS, *together) if each.key == key)
    return Q(status="open", deleted_at=None) & _age(bucket, as_of, zone)


def late(first: int, last: int | None, as_of: datetime, zone: tzinfo) -> Q:
    """Open invoices at least `first` days late, 1 or more, and at most `last`, as `receivables` counts days."""
    first, last = min(first, MOST_DAYS), None if last is None else min(last, MOST_DAYS)
    return Q(status="open", deleted_at=None) & _age(Bucket("", max(first, 1), last), as_of, zone)


def days_late(since: datetime, as_of: datetime, zone: tzinfo) -> int:
    """Rounded up, as `receivables` counts them; 0 for what is not yet due."""
    if since >= as_of:
        return 0
    days = max((as_of - since) // timedelta(days=1) - 1, 0)
    while since < days_before(as_of, days, zone):
        days += 1
    return days


def _age(bucket: Bucket, as_of: datetime, zone: tzinfo) -> Q:
    condition = Q()
    if bucket.first is not None:
        condition &= Q(LessThan(DUE_SINCE, Value(days_before(as_of, bucket.first - 1, zone))))
    if bucket.last is not None:
        condition &= Q(GreaterThanOrEqual(DUE_SINCE, Value(days_before(as_of, bucket.last, zone))))
    return condition


def _receivables(currency: str, held: dict[str, Any]) -> Receivables:
    def of(key: str) -> Aged:
        return Aged(held[key]["amount"], held[key]["invoices"]) if key in held else Aged()

    undated = sum(row["undated"] for key, row in held.items() if key != UNCOLLECTIBLE)
    return Receivables(currency, tuple(of(bucket.key) for bucket in BUCKETS), of(UNCOLLECTIBLE), undated)


def _together(buckets: Sequence[Aged]) -> Aged:
    return Aged(sum(each.amount for each in buckets), sum(each.invoices for each in buckets))
