"""Whether the service can do its work: what /readyz answers."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from finances.models import Incident, WorkerHeartbeat
from finances.reads.backlog import backlog
from finances.reads.catch_ups import watermark
from finances.reads.freshness import lag
from finances.reads.silence import silence
from finances.reads.sync_health import quarantined


@dataclass(frozen=True)
class Readiness:
    """`oldest_due`: whole seconds that a delivery has waited for a worker, the one that waits longest, as
    `finances.reads.freshness.Lag` counts it; 0 when none does.
    `worker_seen`: whole seconds since any worker said that it lives; None when none ever did.

    `lag`: whole seconds that what is shown may be behind Stripe, which is what `oldest_due` says. `backlog`: deliveries
    that are not dealt with, counted no further than `finances.reads.backlog` does; `backlog_gone_in`: whole seconds
    until they are, None when nobody can say, both as there. `silence`: whole seconds since the newest event came, None
    before the first; `silence_unusual` as `finances.reads.silence.Silence`. `incidents`: the kinds of those that
    are open, in alphabetical order. `quarantined`: deliveries that wait for a person, counted as far as lists do.
    `compared`: whole seconds since Stripe's list of events was last compared with ours; None before the first time."""

    oldest_due: int
    worker_seen: int | None
    lag: int
    backlog: int
    backlog_gone_in: int | None
    silence: int | None
    silence_unusual: bool
    quarantined: int
    incidents: list[str]
    compared: int | None


def readiness(now: datetime) -> Readiness:
    """Eight queries, ten in a silence. Raises django.db.Error when the database does not answer."""
    connection.ensure_connection()
    pending, quiet = backlog(now), silence(now)
    behind = _seconds(now, lag(now).oldest_open) or 0
    mark = watermark()
    return Readiness(
        oldest_due=behind,
        worker_seen=_seconds(
            now, WorkerHeartbeat.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
        ),
        lag=behind,
        backlog=pending.pending,
        backlog_gone_in=None if pending.gone_in is None else int(pending.gone_in.total_seconds()),
        silence=_seconds(now, quiet.since),
        silence_unusual=quiet.is_unusual,
        quarantined=quarantined(),
        incidents=list(Incident.objects.filter(closed_at=None).order_by("kind").values_list("kind", flat=True)),
        compared=_seconds(now, mark.compared_at if mark else None),
    )


def _seconds(now: datetime, moment: datetime | None) -> int | None:
    return max(0, int((now - moment).total_seconds())) if moment else None
