"""What becomes of a page that Stripe did not give: tried again after a pause, waited for, or left out and said so."""

import random
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from finances.models import RateBudget, ResyncPart, ResyncRun
from finances.rate_budget import ALL
from finances.resync import ending
from finances.resync.account import AccountUnknown, WrongKey
from finances.resync.claiming import keep
from finances.resync.findings import Counts, all_of, note_failure, note_missing_scope
from finances.resync.in_hand import PartInHand
from finances.resync.reading import place_after_lost
from finances.stripe_problems import KeyRefused, PlaceLost, ScopeMissing, StripeProblem, StripeUnreachable
from finances.tickets import locked_in_order

MOST_TRIES = 3
"""Of a page whose problem may pass; each of them is several tries of the gateway."""
MOST_LOST = 10
"""Times that a list is begun anew, or from the second on in which its place was lost, without a page in between."""
FIRST_PAUSE = timedelta(seconds=10)
FIRST_PAUSE_URGENT = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=1)
OUTAGE = timedelta(minutes=30)
"""So long a run that nobody waits for goes on looking whether Stripe is back."""
MOST_UNREACHABLE = 2
"""Tries in a row to which Stripe could not be reached, before a run gives up that somebody waits for."""


def meet(hand: PartInHand, problem: StripeProblem) -> None:
    """Keep what follows from it: the part is queued for later, goes on after what could not be read, or has ended.

    Raises LostPart where the part is not ours any more.
    """
    part, now = hand.part, hand.clock()
    if isinstance(problem, KeyRefused | WrongKey):
        # Nothing that follows can succeed either.
        _end_run(hand, problem, now)
    elif isinstance(problem, AccountUnknown):
        _end_without_account(hand, problem, now)
    elif isinstance(problem, PlaceLost):
        if part.tries + 1 < MOST_LOST:
            _keep(hand, now, place=place_after_lost(part.step, part.place), tries=part.tries + 1)
        else:
            _leave_out(hand, problem, now)
    elif isinstance(problem, StripeUnreachable):
        _unreachable(hand, problem, now)
    elif problem.may_pass and part.tries + 1 < MOST_TRIES:
        _again(hand, problem, now, tries=part.tries + 1)
    else:
        _leave_out(hand, problem, now)


def stop_waiting(hand: PartInHand) -> bool:
    """Whether Stripe has been down for so long that the run gives up, and has said so; asked while a call waits."""
    if hand.run.urgent:
        return False
    down = RateBudget.objects.filter(scope=ALL, open_until__isnull=False)
    since = down.values_list("failing_since", flat=True).first()
    # Not before the part was claimed: the run may have been paused since then, and that was no waiting.
    return since is not None and hand.clock() - max(since, hand.claimed_at) >= OUTAGE


def give_up(hand: PartInHand) -> None:
    """The run has failed, for Stripe was down too long."""
    minutes = round(OUTAGE.total_seconds() / 60)
    _end_run(hand, StripeUnreachable(f"Stripe could not be reached for {minutes} minutes."), hand.clock())


def pause_after(tries: int, *, urgent: bool) -> timedelta:
    """Growing, and not the same for all that failed at the same moment."""
    longest = min(LONGEST_PAUSE, (FIRST_PAUSE_URGENT if urgent else FIRST_PAUSE) * 3 ** (tries - 1))
    return longest * random.uniform(0.5, 1)


def _unreachable(hand: PartInHand, problem: StripeProblem, now: datetime) -> None:
    part = hand.part
    since = part.place.get("down_since")
    waited = now - datetime.fromisoformat(since) if since else timedelta()
    if (part.run.urgent and part.tries + 1 >= MOST_UNREACHABLE) or waited >= OUTAGE:
        _end_run(hand, problem, now)
        return
    place = part.place | {"down_since": since or now.isoformat()}
    _again(hand, problem, now, tries=part.tries + 1, place=place)
    # The others would find the same.
    ResyncPart.objects.filter(run=part.run, state=ResyncPart.State.QUEUED, next_try_at=None).update(
        next_try_at=part.next_try_at
    )


def _again(hand: PartInHand, problem: StripeProblem, now: datetime, *, tries: int, **changes: Any) -> None:
    at = now + pause_after(min(tries, 4), urgent=hand.run.urgent)
    with transaction.atomic():
        _keep(
            hand,
            now,
            state=ResyncPart.State.QUEUED,
            tries=tries,
            next_try_at=at,
            problem=problem.sentence,
            **changes,
        )
        ResyncPart.objects.filter(pk=hand.part.pk).update(lease_until=None)
        ResyncRun.objects.filter(pk=hand.run.pk).update(problem=f"{problem.sentence} It is tried again.")


def _keep(hand: PartInHand, now: datetime, counts: Counts | None = None, **changes: Any) -> None:
    calls, slowed = hand.gateway.calls, hand.gateway.slowed
    hand.gateway.calls = hand.gateway.slowed = 0
    with transaction.atomic():
        keep(hand.part, now, counts=counts or Counts(), calls=calls, slowed=slowed, **changes)


def _leave_out(hand: PartInHand, problem: StripeProblem, now: datetime) -> None:
    """The others of the run are read all the same; of some objects by their ids, those that follow, too."""
    part, step = hand.part, hand.step
    with transaction.atomic():
        if isinstance(problem, ScopeMissing):
            note_missing_scope(problem, step["type"], now)
        if "ids" in step:
            index = part.place.get("index", 0)
            counts = note_failure(hand.run, step["ids"][index], step["type"], problem, now)
            hand.save(hand.place_after(index), counts)
            return
        named = all_of("account") if step["type"] == "account" else ""
        named = named or step.get("id") or step.get("owner") or all_of(step["type"])
        counts = note_failure(hand.run, named, step["type"], problem, now)
        _keep(hand, now, counts, problem=problem.sentence)
        ending.end_part(part, now, state=ResyncPart.State.FAILED)


def _end_without_account(hand: PartInHand, problem: AccountUnknown, now: datetime) -> None:
    """Said once, as of every right that is lacking, and not for each object that could not be kept."""
    with transaction.atomic():
        note_missing_scope(problem.refused, "account", now)
        counts = note_failure(hand.run, all_of("account"), "account", problem, now)
        _end_run(hand, problem, now, ResyncRun.State.PARTIAL, failed=counts.failed)


def _end_run(
    hand: PartInHand,
    problem: StripeProblem,
    now: datetime,
    state: ResyncRun.State = ResyncRun.State.FAILED,
    *,
    failed: int = 0,
) -> None:
    with transaction.atomic():
        # First the parts, in order, then the run, as whoever stops it: so that no two wait for each other in a circle.
        list(locked_in_order(ResyncPart.objects.filter(run=hand.run, state__in=ResyncPart.OPEN)).values_list("pk"))
        ResyncRun.objects.filter(pk=hand.run.pk).update(
            calls=F("calls") + hand.gateway.calls,
            slowed=F("slowed") + hand.gateway.slowed,
            failed=F("failed") + failed,
        )
        ending.end_run(hand.run, state, now, f"{problem.sentence} {problem.advice}")
    hand.part.state = ResyncPart.State.FAILED
