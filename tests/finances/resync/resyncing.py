"""A run from its request to its end, as the tests of this folder ask for one."""

from datetime import UTC, datetime, timedelta
from functools import partial

from finances.models import ResyncRun
from finances.resync import run as running
from finances.resync.claiming import next_due_at
from finances.resync.request import request_resync

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def clock() -> datetime:
    return NOW


def resync(target: str, **more) -> ResyncRun:
    return ended(request_resync(target, now=NOW, **more).run)


def compare(target: str, **more) -> ResyncRun:
    return resync(target, kind=ResyncRun.Kind.COMPARE, **more)


def ended(run: ResyncRun, now: datetime = NOW) -> ResyncRun:
    """Worked on to its end, by a clock that moves only to where something waits for it."""
    for _ in range(200):
        running.run_due(partial(_same, now))
        run.refresh_from_db()
        if run.state not in ("queued", "running"):
            return run
        now = max(now + timedelta(seconds=1), next_due_at() or now)
    raise AssertionError(f"{run} does not end")


def _same(now: datetime) -> datetime:
    return now


def ada(stripe) -> str:
    return next(it["id"] for it in stripe.all("/v1/customers") if it["name"] == "Ada Lovelace")
