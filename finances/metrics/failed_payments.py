"""Attempts to take money that failed, by reason and currency."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal

from django.db.models import Case, CharField, Count, F, Q, Sum, Value, When

from finances.metrics.daily import Source, Standing, Total, standing, sums
from finances.models import Charge, DailyAttempts, DirtyDay
from finances.periods import end_of, start_of

_REASON = Case(
    When(~Q(status="failed"), then=Value("")),
    When(~Q(decline_code=""), then=F("decline_code")),
    default=F("failure_code"),
    output_field=CharField(),
)
ATTEMPTED = Total(
    DailyAttempts,
    DirtyDay.Kind.ATTEMPTS,
    keys=("account_id", "currency", "status", "reason"),
    sums=("count", "amount"),
    sources=(
        Source(
            lambda within: Charge.objects.filter(within("created_at")),
            "created_at",
            {"reason": _REASON},
            {"count": Count("pk"), "amount": Sum("amount")},
        ),
    ),
)


@dataclass(frozen=True)
class Reason:
    """`code`: Stripe's decline code, or else its failure code; empty when it gave neither. `amount`: minor units of all
    that was attempted, so an invoice that was tried four times is in it four times."""

    code: str
    attempts: int
    amount: int


@dataclass(frozen=True)
class Failures:
    """Of one currency, the most frequent reason first. `attempts`: all there were, those that succeeded too."""

    currency: str
    attempts: int
    reasons: tuple[Reason, ...]

    @property
    def failed(self) -> int:
        return sum(reason.attempts for reason in self.reasons)

    @property
    def amount(self) -> int:
        return sum(reason.amount for reason in self.reasons)

    @property
    def share(self) -> Decimal:
        """Per cent of all attempts."""
        return Decimal(100) * self.failed / self.attempts if self.attempts else Decimal(0)


def failures_in(month: date, zone: tzinfo) -> list[Failures]:
    """Failed attempts made in the month that begins with this day, cut in the account's zone: charges whose status is
    failed, each by itself.

    An attempt that waits for the customer, such as for 3D Secure, makes no charge and is in no number here.
    Source: Stripe's charges (`outcome`, `failure_code`). At most three queries; the currency with most attempts first.
    """
    return failures_in_months([month], standing(zone))[0]


def failures_in_months(months: Sequence[date], as_it_stands: Standing) -> list[list[Failures]]:
    """The same of several months that follow one another. At most two queries, however many they are."""
    zone = as_it_stands.zone
    cuts, start = [end_of(month, zone) for month in months], start_of(months[0], zone)
    found: list[dict[str, list[Reason]]] = [{} for _ in months]
    attempts: Counter[tuple[int, str]] = Counter()
    by = ["currency", "status", "reason"]
    for (place, currency, status, code), (count, amount) in sums(
        ATTEMPTED, by, cuts, as_it_stands, since=start
    ).items():
        attempts[place, currency] += count
        reasons = found[place].setdefault(currency, [])
        if status == "failed":
            reasons.append(Reason(code, count, amount))
    return [
        sorted(
            (
                Failures(currency, attempts[place, currency], tuple(sorted(reasons, key=_most_frequent_first)))
                for currency, reasons in of_month.items()
            ),
            key=lambda one: (-one.attempts, one.currency),
        )
        for place, of_month in enumerate(found)
    ]


def _most_frequent_first(reason: Reason) -> tuple[int, str]:
    return -reason.attempts, reason.code
