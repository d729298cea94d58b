"""What of Stripe's rate limit is ours, shared by all workers on all machines; and a breaker for when Stripe is down.

A token bucket for all calls and one for each of Stripe's endpoints, rows of the database, by the database's clock. A
process leases a tenth of a second's worth at a time, in a short transaction that is over before anybody waits; what it
has not used half a second later goes back with its next lease.

In any second there are at most `limit_of(ALL)` calls, and beside them a quarter of a second's worth that was saved up
while nobody called, another one that people who wait may borrow, and one lease for each process.
"""

from finances.rate_budget.bucket import ALL, Priority, limit_of
from finances.rate_budget.turns import Turn, answered, failed, pause, take

__all__ = ["ALL", "Priority", "Turn", "answered", "failed", "limit_of", "pause", "take"]
