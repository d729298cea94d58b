"""Deliveries that were kept and are not settled yet, and when they will be."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from finances.models import Delivery

State = Delivery.State

PENDING = (State.RECEIVED, State.PROCESSING, State.WAITING)
MOST_COUNTED = 100_000
SPAN = timedelta(minutes=1)


@dataclass(frozen=True)
class Backlog:
    """`pending`: deliveries that are kept and neither settled nor quarantined; `waiting`: those of them that failed and
    whose next try is not due yet. Both are exact up to MOST_COUNTED, of the oldest; `more`: there are others.
    `oldest`: when the first of the pending ones was received, None when nothing is pending. `states`: how many of the
    pending ones are in each state, states with none left out.
    `rate`: deliveries that left the backlog (processed, ignored or quarantined by a worker) a second, over the minute
    before `now`.
    `gone_in`: how long the workers need at this rate for what is pending now and does not wait for a later try. What
    arrives meanwhile comes after it. Zero when there is none of it; None when the rate is 0, so nobody can say. With
    `more` it is at least that long.
    """

    pending: int
    waiting: int
    more: bool
    oldest: datetime | None
    rate: float
    gone_in: timedelta | None
    states: dict[str, int] = field(default_factory=dict)


def settled_lately(now: datetime) -> QuerySet[Any, Any]:
    """What `Backlog.rate` is counted from. What intake ignored was never pending: no worker tried it."""
    settled = Delivery.objects.filter(processed_at__gt=now - SPAN, processed_at__lte=now, tries__gt=0)
    return settled.order_by().values("pk")


def backlog(now: datetime, settled: int | None = None) -> Backlog:
    """Two queries, each on an index of what is pending or was just settled, however long the log is. `settled`: how
    many `settled_lately` has, where that is known; then one."""
    pending = Delivery.objects.filter(state__in=PENDING).order_by("received_at")
    counted = pending.values("received_at", "state", "next_try_at")[: MOST_COUNTED + 1].aggregate(
        pending=Count("*"),
        waiting=Count("received_at", filter=Q(state=State.WAITING, next_try_at__gt=now)),
        oldest=Min("received_at"),
        **{f"in_{state}": Count("received_at", filter=Q(state=state)) for state in PENDING},
    )
    if settled is None:
        settled = settled_lately(now).count()
    rate = settled / SPAN.total_seconds()
    left = counted["pending"] - counted["waiting"]
    gone_in = timedelta(0) if not left else timedelta(seconds=round(left / rate)) if rate else None
    return Backlog(
        pending=min(counted["pending"], MOST_COUNTED),
        waiting=counted["waiting"],
        more=counted["pending"] > MOST_COUNTED,
        oldest=counted["oldest"],
        rate=rate,
        gone_in=gone_in,
        states={state.value: count for state in PENDING if (count := counted[f"in_{state}"])},
    )
