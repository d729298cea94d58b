"""The rate budget as the page Sync health and `doctor` show it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from finances.models import RateBudget
from finances.rate_budget import ALL, limit_of
from finances.rate_budget.bucket import level
from finances.rate_budget.turns import left


@dataclass(frozen=True)
class RateBudgetState:
    """`limit`, `limit_of_one`: calls a second, in all and of one endpoint. `level`: calls that might be made at once;
    below zero what people borrowed who wait. `used`: calls of the last minute, an estimate that takes the minute before
    as even; of `limit` x 60 that there were.

    `paused_until`: Stripe said 429, nobody calls before; `paused_endpoints`: the same for these alone. `open_until`:
    Stripe did not answer `failures` calls in a row, the next one is made then. Each None when it is not so.
    """

    limit: int
    limit_of_one: int
    level: float
    used: int
    paused_until: datetime | None
    paused_endpoints: tuple[tuple[str, datetime], ...]
    failures: int
    open_until: datetime | None

    @property
    def is_down(self) -> bool:
        """Stripe is, as far as we know; also while somebody tries whether it still is."""
        return self.open_until is not None

    @property
    def used_share(self) -> float:
        """Of the last minute's budget, from 0 to 1, or a little more."""
        return self.used / (self.limit * 60)


def rate_budget(now: datetime) -> RateBudgetState:
    """One query. `now` is this machine's; the rows' times are the database's."""
    rows = {row.scope: row for row in RateBudget.objects.all()}
    of_all = rows.pop(ALL, None) or RateBudget(scope=ALL, level=0.0, filled_at=now)
    paused = (
        (row.scope, row.paused_until) for row in rows.values() if row.paused_until and left(row.paused_until, now)
    )
    return RateBudgetState(
        limit=limit_of(ALL),
        limit_of_one=limit_of("/v1"),
        level=level(of_all, now),
        used=_used(of_all, now),
        paused_until=of_all.paused_until if left(of_all.paused_until, now) else None,
        paused_endpoints=tuple(sorted(paused)),
        failures=of_all.failures,
        open_until=of_all.open_until,
    )


def _used(row: RateBudget, now: datetime) -> int:
    if row.minute is None:
        return 0
    since = now - row.minute
    if since < timedelta(minutes=1):
        return row.taken + round(row.taken_before * (1 - max(since, timedelta()) / timedelta(minutes=1)))
    return round(row.taken * max(0.0, 2 - since / timedelta(minutes=1)))
