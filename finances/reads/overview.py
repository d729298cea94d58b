"""What the overview asks for in the morning. Counts stop at the cap of `keyset.capped_count`."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Sum

from finances.models import Customer, Delivery, Dispute, Invoice, Payment, ResyncRun, Subscription
from finances.periods import month_of
from finances.reads.disputes import standing as dispute_standing
from finances.reads.expiring_cards import RUNNING, customers_on_a_card_that_expires_in
from finances.reads.freshness import Lag, lag
from finances.reads.invoices import past_due
from finances.reads.keyset import capped_counts, counts
from finances.reads.payments import attempted, standing


@dataclass(frozen=True)
class Open:
    """Of one currency, in its minor units: how many, and what is not paid of them."""

    currency: str
    count: int
    amount: int


@dataclass(frozen=True)
class Attention:
    """`failed`: payments with an attempt that failed lately, whose last try failed and after which nothing else is on.
    `past_due`: invoices. `disputes`: those that wait for an answer, inquiries too, `next_deadline` the first of theirs.
    """

    failed: list[Open]
    past_due: list[Open]
    disputes: int
    next_deadline: datetime | None
    waiting: int
    quarantined: int
    lag: Lag

    @property
    def failed_count(self) -> int:
        return sum(each.count for each in self.failed)

    @property
    def past_due_count(self) -> int:
        return sum(each.count for each in self.past_due)


def attention(now: datetime, lately: datetime) -> Attention:
    """`lately`: from when on a failed attempt counts. Five queries, each over what is open, new or not dealt with."""
    failed = Payment.objects.filter(standing("failed"), failed_since(lately), deleted_at=None)
    # Counted among those that are open, which one index holds; as a condition PostgreSQL would look each row up.
    late, still_open = past_due(now), Invoice.objects.filter(status="open", deleted_at=None)
    to_answer = Dispute.objects.filter(dispute_standing("needs_response"), deleted_at=None)
    disputes = to_answer.aggregate(them=Count("pk"), first=Min("evidence_due_at"))
    states = (Delivery.State.WAITING, Delivery.State.QUARANTINED)
    waiting, quarantined = capped_counts(Delivery.objects.filter(state=state) for state in states)
    return Attention(
        failed=_open(failed.values("currency").annotate(count=Count("pk"), sum=Sum("amount"))),
        past_due=_open(
            still_open.values("currency").annotate(
                count=Count("pk", filter=late), sum=Sum("amount_remaining", filter=late)
            )
        ),
        disputes=disputes["them"],
        next_deadline=disputes["first"],
        waiting=waiting,
        quarantined=quarantined,
        lag=lag(now),
    )


def _open(rows: QuerySet[Any, Any]) -> list[Open]:
    found = [Open(row["currency"], row["count"], row["sum"]) for row in rows.order_by() if row["count"]]
    return sorted(found, key=lambda one: (-one.count, one.currency))


def failed_since(moment: datetime) -> Q:
    """Payments with an attempt that failed at or after `moment`."""
    return attempted(Q(status="failed", created_at__gte=moment))


@dataclass(frozen=True)
class ComingUp:
    """Counts. `trials` and `cancelling` are subscriptions: in trial, and cancelled as of the end of their period.
    `cards`: customers whose running subscription is charged to a card that is good for this month only."""

    trials: int
    cancelling: int
    cards: int


def coming_up(now: datetime, zone: tzinfo) -> ComingUp:
    """One query, each count on an index of the few that it counts. The month is the account's."""
    running = Subscription.objects.filter(status__in=RUNNING, deleted_at=None).order_by().values("pk")
    trials, cancelling = running.filter(status="trialing"), running.filter(cancel_at_period_end=True)
    cards = customers_on_a_card_that_expires_in(month_of(now, zone))
    return ComingUp(*counts([trials, cancelling, cards]))


def last_run() -> ResyncRun | None:
    return ResyncRun.objects.select_related("requested_by").order_by("-created_at", "-id").first()


def nothing_yet() -> bool:
    """Nothing was ever read from Stripe and no webhook came."""
    return not (Customer.objects.exists() or Delivery.objects.exists() or Invoice.objects.exists())
