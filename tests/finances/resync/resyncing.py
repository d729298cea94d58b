"""A run from its request to its end, as the tests of this folder ask for one."""

from datetime import UTC, datetime

from finances.models import ResyncRun
from finances.resync import run as running
from finances.resync.request import request_resync

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def clock() -> datetime:
    return NOW


def resync(target: str, **more) -> ResyncRun:
    run = request_resync(target, now=NOW, **more).run
    running.run_due(clock)
    run.refresh_from_db()
    return run


def ada(stripe) -> str:
    return next(it["id"] for it in stripe.all("/v1/customers") if it["name"] == "Ada Lovelace")
