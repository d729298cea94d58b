"""Attempts to take money that failed, by reason and currency."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal

from django.db.models import Case, CharField, Count, F, Q, Sum, Value, When

from finances.models import Charge
from finances.periods import bounds

NO_REASON = ""


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


def failures(since: datetime, until: datetime) -> list[Failures]:
    """Failed attempts made at or after `since` and before `until`: charges whose status is failed, each by itself.

    An attempt that waits for the customer, such as for 3D Secure, makes no charge and is in no number here.
    Source: Stripe's charges (`outcome`, `failure_code`). One query; the currency with the most attempts first.
    """
    reason = Case(
        When(~Q(status="failed"), then=Value(None)),
        When(~Q(decline_code=""), then=F("decline_code")),
        default=F("failure_code"),
        output_field=CharField(),
    )
    rows = (
        Charge.objects.filter(created_at__gte=since, created_at__lt=until)
        .order_by()
        .values("currency", reason=reason)
        .annotate(attempts=Count("pk"), attempted=Sum("amount"))
    )
    attempts: dict[str, int] = {}
    reasons: dict[str, list[Reason]] = {}
    for row in rows:
        attempts[row["currency"]] = attempts.get(row["currency"], 0) + row["attempts"]
        held = reasons.setdefault(row["currency"], [])
        if row["reason"] is not None:
            held.append(Reason(row["reason"], row["attempts"], row["attempted"]))
    found = [
        Failures(currency, count, tuple(sorted(reasons[currency], key=lambda one: (-one.attempts, one.code))))
        for currency, count in attempts.items()
    ]
    return sorted(found, key=lambda one: (-one.attempts, one.currency))


def failures_in(month: date, zone: tzinfo) -> list[Failures]:
    """The same, of the month that begins with this day, cut in the account's zone. One query."""
    return failures(*bounds(month, zone))
