"""Replays: the list of them, and one with how far it is and what became of each of its deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, QuerySet

from finances.models import Delivery, Replay, ReplayedDelivery, WorkerHeartbeat
from finances.reads.names import names_of

State = Delivery.State
MOST_SHOWN = 100
NEWEST = 20


def replays() -> QuerySet[Replay]:
    return Replay.objects.select_related("requested_by")


def newest_replays() -> list[Replay]:
    """One query."""
    return list(replays().order_by("-asked_at", "-id")[:NEWEST])


@dataclass(frozen=True)
class ReplayProgress:
    """`expected`: how many there are to do, an estimate until all are spread. `done`: those with a result, of which
    `processed`, `ignored` and `quarantined`. `percent`: whole, at most 99 before the end. `left`: at the rate since
    the start, without those that wait; None before there is anything to go by. `waiting`: those that failed and wait
    for a later try, the first of them at `next_try_at`. `no_worker`: it has not ended, and nobody is alive to go on."""

    expected: int
    done: int
    processed: int
    ignored: int
    quarantined: int
    percent: int
    unfinished: bool
    left: timedelta | None
    waiting: int
    next_try_at: datetime | None
    no_worker: bool

    @property
    def only_waits(self) -> bool:
        """Nothing happens before the next try."""
        return bool(self.waiting) and self.done + self.waiting >= self.expected


def replay_progress(replay: Replay, now: datetime) -> ReplayProgress:
    """One query, two more while the replay has not ended."""
    by_state = ReplayedDelivery.objects.filter(replay=replay).exclude(state="").order_by().values_list("state")
    counts = dict(by_state.annotate(count=Count("pk")))
    done = sum(counts.values())
    unfinished = replay.state in Replay.UNFINISHED
    expected = replay.total if replay.spread else max(replay.total, replay.estimate - replay.skipped)
    spent = ((replay.finished_at or now) - (replay.started_at or now)).total_seconds()
    waiting, next_try_at = _waiting(replay) if unfinished else (0, None)
    to_do, left = expected - done - waiting, None
    if unfinished and done and spent >= 1 and to_do > 0:
        left = timedelta(seconds=round(to_do * spent / done))
    return ReplayProgress(
        expected=expected,
        done=done,
        processed=counts.get(State.PROCESSED, 0),
        ignored=counts.get(State.IGNORED, 0),
        quarantined=counts.get(State.QUARANTINED, 0),
        percent=(min(99, done * 100 // expected) if expected else 0) if unfinished else 100,
        unfinished=unfinished,
        left=left,
        waiting=waiting,
        next_try_at=next_try_at,
        no_worker=unfinished and not WorkerHeartbeat.is_anyone_alive(now),
    )


def _waiting(replay: Replay) -> tuple[int, datetime | None]:
    those = ReplayedDelivery.objects.filter(replay=replay, state="", delivery__state=State.WAITING)
    found = those.aggregate(count=Count("pk"), next=Min("delivery__next_try_at"))
    return found["count"], found["next"]


@dataclass(frozen=True)
class ReplayResults:
    """At most a hundred of each, the latest: what was put aside again, what is still under way, what is done.

    `names`: what people call the objects and customers, by id.
    """

    failures: Sequence[ReplayedDelivery]
    pending: Sequence[ReplayedDelivery]
    done: Sequence[ReplayedDelivery]
    names: dict[str, str]


def replay_results(replay: Replay) -> ReplayResults:
    """Five queries."""
    of_replay = ReplayedDelivery.objects.filter(replay=replay).select_related("delivery").defer("delivery__payload")
    failures = list(of_replay.filter(state=State.QUARANTINED).order_by("-at", "-pk")[:MOST_SHOWN])
    pending = list(of_replay.filter(state="").order_by("-delivery__tries", "pk")[:MOST_SHOWN])
    done = list(of_replay.filter(state__in=(State.PROCESSED, State.IGNORED)).order_by("-at", "-pk")[:MOST_SHOWN])
    deliveries = [each.delivery for each in (*failures, *pending, *done)]
    names = names_of(id for each in deliveries for id in (each.object_id, each.customer_id))
    return ReplayResults(failures, pending, done, names)
