"""What became of a delivery: claim, take a ticket, read the object from Stripe, mirror it, record the outcome.

The payload is never applied. Deliveries come late, twice and in any order, so each only says which object to read anew;
all that are pending for one object are claimed together and cost one read, and where very many objects of a type are
pending, a page of Stripe's list is read for a hundred of them.
"""

from collections.abc import Callable
from datetime import datetime

from finances.webhooks.claiming import claim_crowd, claim_next, due, next_due_at
from finances.webhooks.list_pages import Crowd
from finances.webhooks.one_object import process

__all__ = ["due", "next_due_at", "process_due"]

A_TURN = 10
"""Objects of one type in a row; then the others have theirs."""


def process_due(clock: Callable[[], datetime], *, stop: Callable[[], bool] = lambda: False) -> int:
    """Work until nothing is due, or `stop` says so. The number of deliveries that were worked on.

    The oldest first; but a type that has had ten objects in a row, or a crowd, waits until each other type that is due
    has had its turn, so that a burst of one does not keep the others waiting.
    """
    worked, in_a_row, last = 0, 0, ""
    had: set[str] = set()
    crowded: set[str] = set()
    while not stop():
        claimed = claim_next(clock(), but=had)
        if claimed is None:
            if not had:
                break
            had.clear()
            continue
        if claimed.claims:
            process(claimed, clock, stop=stop)
        worked += len(claimed.claims)
        in_a_row = in_a_row + 1 if claimed.object_type == last else 1
        last = claimed.object_type
        if last not in crowded and in_a_row < A_TURN:
            continue
        had.add(last)
        in_a_row = 0
        crowded.discard(last)
        if not stop() and (crowd := claim_crowd(clock(), last)):
            settled, went = Crowd(crowd, clock, stop).work_off()
            worked += settled
            if went:
                crowded.add(last)
    return worked
