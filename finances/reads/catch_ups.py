"""How far Stripe's list of events and ours were compared: the comparisons, the next one, a gap, missing webhooks."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from finances.models import CatchUp, Delivery, EventWatermark, ResyncRun

STRIPE_KEEPS = timedelta(days=30)
"""Stripe's list of events goes back so far."""
POLL = timedelta(minutes=3)
"""From the end of one comparison to the next; longer after one that failed."""
MOST_POLLS = 5
"""So many times POLL at most, however many comparisons in a row failed."""
MOST_SHOWN = 10
SHOWN = ("event_id", "event_type", "object_id", "object_type", "state", "attempts", "created_at", "found_by")
FEWEST = 2
"""Comparisons. After an outage of ours one finds much, and Stripe's own next tries are still to come."""
LATELY = timedelta(days=1)


@dataclass(frozen=True)
class Comparison:
    """`row.listed` events are Stripe's, `row.held` of them were here, `row.missed` not: `missed`, the newest ten."""

    row: CatchUp
    missed: Sequence[Delivery]


def latest(most: int = 10, *, with_missed_only: bool = False) -> list[Comparison]:
    """The last comparisons, newest first. Two queries."""
    rows = CatchUp.objects.select_related("requested_by").order_by("-created_at", "-id")
    if with_missed_only:
        rows = rows.filter(missed__gt=0)
    chosen = list(rows[:most])
    place = Window(RowNumber(), partition_by="found_by", order_by=["-created_at", "-event_id"])
    missed = Delivery.objects.filter(found_by__in=chosen).only(*SHOWN).alias(place=place)
    found = defaultdict(list)
    for delivery in missed.filter(place__lte=MOST_SHOWN).order_by("-created_at", "-event_id"):
        found[delivery.found_by_id].append(delivery)
    return [Comparison(row, found[row.pk]) for row in chosen]


def newest() -> CatchUp | None:
    """The last comparison, ended or not. One query."""
    return CatchUp.objects.order_by("-created_at", "-id").first()


@dataclass(frozen=True)
class Schedule:
    """`standing`: the comparison that has not ended. `next_at`: when a worker's next is due; None: at once.
    `began_at`: when the last one began, ended or not."""

    standing: CatchUp | None
    next_at: datetime | None
    began_at: datetime | None


def schedule() -> Schedule:
    """One query."""
    last = list(CatchUp.objects.order_by("-created_at", "-id")[: MOST_POLLS - 1])
    if not last:
        return Schedule(None, None, None)
    newest = last[0]
    if newest.finished_at is None:
        return Schedule(newest, None, newest.created_at)
    failed = next((n for n, row in enumerate(last) if row.state != CatchUp.State.FAILED), len(last))
    return Schedule(None, newest.finished_at + POLL * (1 + failed), newest.created_at)


def watermark() -> EventWatermark | None:
    """Up to where the events are whole; None before the first comparison. One query."""
    return EventWatermark.objects.filter(pk=1).first()


@dataclass(frozen=True)
class Gap:
    """Between the two, Stripe made events that it no longer has. `found_at`: None while nobody came to compare."""

    since: datetime
    until: datetime
    found_at: datetime | None


def event_gap(now: datetime) -> Gap | None:
    """What is lost to events, until a resync of everything that began after it was found is complete. One query.

    A gap: the watermark was older than the 30 days that Stripe keeps events, either when a comparison found it so, or
    now, because nobody compares.
    """
    read = Subquery(whole_reads().filter(started_at__isnull=False).order_by("-started_at").values("started_at")[:1])
    mark = EventWatermark.objects.filter(pk=1).annotate(read_at=read).first()
    if mark is None:
        return None
    found_at, forgotten = mark.gap_found_at, now - STRIPE_KEEPS
    found = found_at is not None and not (mark.read_at and mark.read_at > found_at)
    unfound = mark.at < forgotten and not (mark.read_at and mark.read_at >= forgotten)
    if found and mark.gap_from and mark.gap_until:
        return Gap(mark.gap_from, max(mark.gap_until, forgotten) if unfound else mark.gap_until, found_at)
    return Gap(mark.at, forgotten, None) if unfound else None


def whole_reads() -> QuerySet[ResyncRun]:
    """Resyncs of everything that ended complete. One that is bounded by creation has another target."""
    return ResyncRun.objects.filter(kind=ResyncRun.Kind.RESYNC, target="all", state=ResyncRun.State.COMPLETE)


def without_webhooks(now: datetime) -> datetime | None:
    """Since when events come by comparison alone; None while webhooks come, or too little comes to tell.

    So it is when two comparisons of the last 24 hours, or more, each found events that were not here, and Stripe has
    delivered nothing since before the first of the two began. A delivery counts from when its event was first here:
    one that a comparison found and Stripe delivered later on speaks against that comparison and those before it.
    Since: the newest delivery by Stripe, else the first of those comparisons. One query.
    """
    delivered = Delivery.objects.filter(attempts__gt=0).order_by("-received_at").values("received_at")[:1]
    found = CatchUp.objects.filter(created_at__gt=now - LATELY, missed__gt=0).annotate(delivered=Subquery(delivered))
    rows = found.order_by("created_at", "id").values_list("created_at", "delivered")
    since = [(began_at, last) for began_at, last in rows if last is None or began_at > last]
    if len(since) < FEWEST:
        return None
    began_at, last = since[0]
    return last or began_at
