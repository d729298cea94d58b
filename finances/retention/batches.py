"""Remove much without keeping anybody waiting."""

import time
from collections.abc import Callable

BATCH = 500
"""Rows in a transaction: some ten milliseconds, in which SQLite lets nobody else write, and PostgreSQL nobody to these
rows."""
LEAST_PAUSE = 0.01  # seconds


def in_batches(remove: Callable[[], int | None], *, stop: Callable[[], bool]) -> int:
    """`remove` a batch in a transaction of its own, then pause for as long as that took, until it answers None or
    `stop` says so. The sum of its answers.

    The pause is what lets others write on SQLite, and leaves them half of the database on PostgreSQL.
    """
    removed = 0
    while not stop():
        began = time.monotonic()
        some = remove()
        if some is None:
            break
        removed += some
        time.sleep(max(time.monotonic() - began, LEAST_PAUSE))
    return removed
