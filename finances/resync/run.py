"""Work on a resync: claim a part of a run, and go through it page by page, its place saved with each page.

A worker that dies leaves its place on the part: the next one reads at most one page again. A problem with one part does
not hide the others: it is kept as a failure with what to do, and the run ends as partial, never as complete.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import OperationalError, connection

from finances.incidents import log_incident
from finances.models import ResyncPart
from finances.rate_budget import Priority
from finances.resync import pages, troubles
from finances.resync.claiming import (
    LostPart,
    claim_next,
    hand_back,
    is_at_work_in_bulk,
    is_going_on,
    is_shared,
    next_due_at,
    renew,
    somebody_waits,
)
from finances.resync.in_hand import PartInHand
from finances.resync.reading import RunGateway
from finances.stripe_problems import Stopped, StripeProblem

__all__ = ["claim_next", "is_at_work_in_bulk", "is_shared", "next_due_at", "run_due", "work_off", "work_on"]

logger = logging.getLogger(__name__)
Clock = Callable[[], datetime]
Stop = Callable[[], bool]

ROOM_FOR_OTHERS = 0.01
"""Seconds between two pages: whoever wants SQLite's one lock, to pause the run perhaps, looks only now and then."""


BETWEEN_LOOKS = 0.5
"""Seconds between two looks at whether the run goes on and nobody waits for another one."""


def never() -> bool:
    return False


def run_due(clock: Clock, *, stop: Stop = never) -> int:
    """Work until no part of any run is due, or `stop` says so. The number of parts that were worked on."""
    worked = 0
    while not stop() and (part := claim_next(clock())):
        work_on(part, clock, stop=stop)
        worked += 1
    return worked


def work_off(run_id: UUID, clock: Clock, *, turn_is_over: Stop = never) -> int:
    """The same for one run: until it has ended, or what is left of it waits for another try or for another worker.

    `turn_is_over`: asked between two pages only, so that a turn reads one at least. Other runs are not waited for:
    nobody here would work on them.
    """
    worked = 0
    while (not worked or not turn_is_over()) and (part := claim_next(clock(), run_id)):
        work_on(part, clock, turn_is_over=turn_is_over, gives_way=False)
        worked += 1
    return worked


def work_on(
    part: ResyncPart, clock: Clock, *, stop: Stop = never, turn_is_over: Stop = never, gives_way: bool = True
) -> None:
    """Go on from the saved place to the end of the part; the end of the last one is the end of the run.

    The part is handed back where `stop` says so, where the run was paused or cancelled, and, with `gives_way`, where
    somebody waits for another run. In the midst of a page that happens once, so that each page is read in the end
    however slow Stripe is. Raises OperationalError when the database goes away: the part then waits for a worker that
    has one.
    """
    hand: PartInHand
    looked = time.monotonic()

    def is_time_to_look() -> bool:
        # Not after each page: two questions to the database, where many pages a second are written. Who paused a run
        # or took a part over is found by each page anyway, when it is to be saved.
        nonlocal looked
        if time.monotonic() - looked < BETWEEN_LOOKS:
            return False
        looked = time.monotonic()
        return True

    def in_the_way() -> bool:
        return gives_way and somebody_waits(part, clock())

    def must_stop() -> bool:
        hand.gateway.is_lost = not is_going_on(part)
        if hand.gateway.is_lost or stop():
            return True
        return (hand.may_be_dropped and in_the_way()) or troubles.stop_waiting(hand)

    gateway = RunGateway(
        beat=lambda: renew(part, clock()),
        priority=Priority.URGENT if part.run.urgent else Priority.BULK,
        stop=must_stop,
    )
    hand = PartInHand(part, gateway, clock)
    try:
        while part.state == ResyncPart.State.RUNNING:
            _read(hand)
            if part.state == ResyncPart.State.RUNNING and (
                stop() or turn_is_over() or (is_time_to_look() and (in_the_way() or not is_going_on(part)))
            ):
                hand_back(part)
                return
            if connection.vendor == "sqlite":
                time.sleep(ROOM_FOR_OTHERS)
    except Stopped:
        if troubles.stop_waiting(hand):
            troubles.give_up(hand)
        hand_back(part, place=part.place | {"dropped": True})
        hand.count_calls()
    except LostPart:
        hand_back(part)
        hand.count_calls()


def _read(hand: PartInHand) -> None:
    try:
        pages.read(hand)
    except Stopped:
        raise
    except StripeProblem as problem:
        troubles.meet(hand, problem)
    except LostPart:
        raise
    except OperationalError as error:
        if not _is_a_conflict(error):
            raise
        troubles.meet(hand, _conflict())
    except Exception as error:
        log_incident(logger, f"Resync run {hand.run.pk}: a part stopped", error)
        troubles.meet(
            hand,
            StripeProblem(
                f"Paydesk could not go on ({type(error).__name__}).",
                "This is a defect of Paydesk: report it with the run's id and the log. The other parts go on.",
            ),
        )


def _is_a_conflict(error: OperationalError) -> bool:
    """Two writers waited for each other, and one of them was to try again."""
    if connection.vendor == "postgresql":
        return getattr(error.__cause__, "sqlstate", "") in ("40P01", "40001", "55P03")
    return "locked" in str(error)


def _conflict() -> StripeProblem:
    problem = StripeProblem("The database was busy with other writers.", "Try it again; if it stays, look at its load.")
    problem.may_pass = True
    return problem
