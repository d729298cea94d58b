"""Whether the service can do its work: what /readyz answers."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from finances.models import WorkerHeartbeat
from finances.reads.freshness import lag


@dataclass(frozen=True)
class Readiness:
    """`oldest_due`: whole seconds that the oldest delivery not yet dealt with has been here; 0 when there is none.
    `worker_seen`: whole seconds since any worker said that it lives; None when none ever did."""

    oldest_due: int
    worker_seen: int | None


def readiness(now: datetime) -> Readiness:
    """Raises django.db.Error when the database does not answer."""
    connection.ensure_connection()
    behind = lag().behind(now)
    seen = WorkerHeartbeat.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
    return Readiness(
        oldest_due=int(behind.total_seconds()) if behind else 0,
        worker_seen=int((now - seen).total_seconds()) if seen else None,
    )
