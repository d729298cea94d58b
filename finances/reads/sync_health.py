"""How the sync does: what the watch judges, and what the page about it shows beside that."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Q, Sum

from finances.configuration import PINNED_API_VERSION
from finances.models import CatchUp, Delivery, Incident, OwnAccount, RefusedPosts, WorkerHeartbeat
from finances.reads.catch_ups import Gap, event_gap, without_webhooks
from finances.reads.freshness import Lag, lag
from finances.reads.keyset import capped_count
from finances.reads.silence import Silence, silence

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
FAILED_IN_A_ROW = 2
MOST_INCIDENTS = 20


@dataclass(frozen=True)
class Facts:
    """What is so at one moment; `finances.watch.conditions` says what of it is wrong.

    `quarantined`: deliveries, capped as lists are. `other_mode`, `other_account`: events of the last hour that were
    ignored because they are not this deployment's. `refused`: posts to Stripe's address by reason, in the last quarter
    of an hour; `taken`: events that Stripe delivered in that time, 1 for any number. `no_webhooks_since`: since when
    events come by comparison alone. `unread`: how the newest comparison with Stripe's list failed, when the one before
    it failed too; empty otherwise.
    """

    now: datetime
    lag: Lag = field(default_factory=lambda: Lag(None, None))
    silence: Silence = field(default_factory=lambda: Silence(None, timedelta()))
    quarantined: int = 0
    other_mode: int = 0
    other_account: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    taken: int = 0
    no_webhooks_since: datetime | None = None
    gap: Gap | None = None
    unread: str = ""


LATELY = timedelta(minutes=15)


def facts(now: datetime) -> Facts:
    """Ten queries, two more in a silence; each on an index and none over more than the last hour, but for a silence and
    for comparisons, which are of the last day."""
    other_mode, other_account = _not_ours(now)
    return Facts(
        now=now,
        lag=lag(now),
        silence=silence(now),
        quarantined=quarantined(),
        other_mode=other_mode,
        other_account=other_account,
        refused=refused_since(now - LATELY),
        taken=capped_count(Delivery.objects.filter(received_at__gt=now - LATELY, attempts__gt=0), cap=0),
        no_webhooks_since=without_webhooks(now),
        gap=event_gap(now),
        unread=_unread(),
    )


def quarantined(cap: int = 10_000) -> int:
    """Deliveries that wait for a person, capped as lists are. One query."""
    return capped_count(Delivery.objects.filter(state=Delivery.State.QUARANTINED), cap=cap)


def put_aside_since(moment: datetime) -> bool:
    """Whether a delivery came to wait for a person after that, and still does. One query."""
    return Delivery.objects.filter(state=Delivery.State.QUARANTINED, processed_at__gt=moment).exists()


def _not_ours(now: datetime) -> tuple[int, int]:
    ours = OwnAccount.objects.values_list("account_id", flat=True).first() or ""
    ignored = Delivery.objects.filter(state=Delivery.State.IGNORED, received_at__gt=now - HOUR)
    is_of_our_mode = Q(livemode=settings.STRIPE_LIVE_MODE)
    counted = ignored.aggregate(
        other_mode=Count("pk", filter=~is_of_our_mode),
        other_account=Count("pk", filter=is_of_our_mode & ~Q(account_id__in=["", ours])),
    )
    return counted["other_mode"], counted["other_account"]


def refused_since(moment: datetime) -> dict[str, int]:
    """Posts that were refused, by reason, the most frequent first. Counted by whole minutes."""
    rows = RefusedPosts.objects.filter(minute__gt=moment - timedelta(minutes=1)).values("reason")
    counts = rows.annotate(posts=Sum("count")).order_by("-posts", "reason")
    return {row["reason"]: row["posts"] for row in counts}


def _unread() -> str:
    ended = CatchUp.objects.filter(finished_at__isnull=False).order_by("-created_at", "-id")[:FAILED_IN_A_ROW]
    last = [(row.state, row.problem) for row in ended]
    failed = len(last) == FAILED_IN_A_ROW and all(state == CatchUp.State.FAILED for state, _ in last)
    return last[0][1] if failed else ""


@dataclass(frozen=True)
class Skew:
    """Events of another API version than ours in the last seven days. Objects are read at ours all the same."""

    api_version: str
    count: int
    newest: datetime


def skew(now: datetime) -> list[Skew]:
    """The most frequent first; one query over a week."""
    rows = Delivery.objects.filter(received_at__gt=now - WEEK).exclude(api_version__in=["", PINNED_API_VERSION])
    counted = rows.order_by().values("api_version").annotate(count=Count("pk"), newest=Max("received_at"))
    return [Skew(**row) for row in counted.order_by("-count", "api_version")]


def worker_seen() -> datetime | None:
    """The last sign of life of any worker; None when none ever gave one, or all were stopped in order."""
    return WorkerHeartbeat.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()


def open_incidents() -> Sequence[Incident]:
    """At most one of a kind, the oldest first. One query."""
    return list(Incident.objects.filter(closed_at=None).order_by("opened_at", "id"))


def incidents() -> Sequence[Incident]:
    """The newest, open or not, each with its `alerts`. Two queries."""
    return list(Incident.objects.order_by("-opened_at", "-id").prefetch_related("alerts")[:MOST_INCIDENTS])


def came_in_a_day(now: datetime) -> int:
    """Events of the last 24 hours, capped as lists are."""
    return capped_count(Delivery.objects.filter(received_at__gt=now - DAY))


def found_by_comparison(now: datetime) -> int:
    """Events of the last 24 hours that only a comparison with Stripe's list brought here, capped as lists are."""
    return capped_count(Delivery.objects.filter(received_at__gt=now - DAY, found_by__isnull=False, attempts=0))
