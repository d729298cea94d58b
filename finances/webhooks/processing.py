"""What became of a delivery: claim, take a ticket, read the object from Stripe, mirror it, record the outcome.

The payload is never applied. Deliveries come late, twice and in any order, so each only says which object to read anew;
all that are pending for one object are claimed together and cost one read.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Min, Q, QuerySet

from finances import mirror
from finances.gateway import PATHS, Gateway, StripeProblem
from finances.incidents import log_incident
from finances.models import Delivery
from finances.tickets import lease_end, locked

logger = logging.getLogger(__name__)

MOST_TRIES = 8
State = Delivery.State


class Claimed(NamedTuple):
    """Deliveries of one object, ours until the lease ends. `claims`: event id -> the fence that we hold."""

    object_type: str
    object_id: str
    claims: dict[str, int]


def due(now: datetime) -> QuerySet[Delivery]:
    """Deliveries that someone should work on now: new, waiting long enough, or left by a worker that died."""
    return Delivery.objects.filter(
        Q(state=State.RECEIVED)
        | Q(state=State.WAITING, next_try_at__lte=now)
        | Q(state=State.PROCESSING, lease_until__lt=now)
    )


def process_due(clock: Callable[[], datetime], *, stop: Callable[[], bool] = lambda: False) -> int:
    """Work until nothing is due, or `stop` says so. The number of deliveries that were settled."""
    settled = 0
    while not stop() and (claimed := claim_next(clock())):
        if claimed.claims:
            process(claimed, clock)
        settled += len(claimed.claims)
    return settled


def claim_next(now: datetime) -> Claimed | None:
    """The object with the oldest due delivery, and all its due ones; None when nothing is due.

    The update counts its rows: of two workers that chose the same object, the second one's finds none of them in the
    state that it saw, and it claims nothing.
    """
    with transaction.atomic():
        first = locked(due(now)).order_by("received_at").first()
        if first is None:
            return None
        same = due(now).filter(object_id=first.object_id) if first.object_id else due(now).filter(pk=first.pk)
        rows = list(locked(same).order_by("event_id")[:500])
        # Each of these tries ended with its worker: the next one would too.
        deadly = [row.pk for row in rows if row.tries >= MOST_TRIES]
        Delivery.objects.filter(pk__in=deadly).update(
            state=State.QUARANTINED,
            reason=f"{MOST_TRIES} workers ended while they processed it.",
            processed_at=now,
            lease_until=None,
        )
        rows = [row for row in rows if row.pk not in deadly]
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=State.PROCESSING, lease_until=lease_end(now), claim=F("claim") + 1, tries=F("tries") + 1
        )
    return Claimed(first.object_type, first.object_id, {row.pk: row.claim + 1 for row in rows})


def process(claimed: Claimed, clock: Callable[[], datetime]) -> None:
    """Read the object and mirror it; the outcome of each delivery is recorded, whatever happens."""
    claimed = _with_what_holds_it(claimed)
    if claimed.object_type not in mirror.TYPES or not claimed.object_id:
        kind = claimed.object_type.replace("_", " ") or "nameless object"
        what = f"Paydesk keeps no {kind}s." if claimed.object_id else f"The {kind} in it has no id to read it by."
        _settle(claimed, clock(), state=State.IGNORED, outcome=what)
        return
    if claimed.object_type not in PATHS:
        kind = claimed.object_type.replace("_", " ")
        what = f"A {kind} has no address to read it by: a resync of what it is on reads it."
        _settle(claimed, clock(), state=State.IGNORED, outcome=what)
        return
    # Two tries, since the delivery itself is tried again, with longer pauses.
    gateway = Gateway(tries=2, beat=lambda: _ours(claimed).update(lease_until=lease_end(clock())))
    try:
        written = mirror.read_and_write(gateway, claimed.object_type, claimed.object_id, now=clock())
    except StripeProblem as problem:
        _put_off(claimed, clock(), f"{problem.sentence} {problem.advice}")
    except Exception as error:
        # A bug or a shape that we do not know: the other objects go on, and this one waits for a person.
        log_incident(logger, f"Delivery of {claimed.object_id} could not be processed", error)
        _put_off(claimed, clock(), f"Paydesk could not store what Stripe answered ({type(error).__name__}).")
    else:
        _settle(claimed, clock(), state=State.PROCESSED, outcome=_in_words(written, gateway.calls))


def _with_what_holds_it(claimed: Claimed) -> Claimed:
    """Stripe has no address for a discount: what is read is the subscription or the customer that it is on."""
    if claimed.object_type != "discount":
        return claimed
    payload = Delivery.objects.values_list("payload", flat=True).get(pk=min(claimed.claims))
    discount = ((payload or {}).get("data") or {}).get("object") or {}
    for holder in ("subscription", "customer"):
        held = discount.get(holder)
        if isinstance(object_id := held.get("id") if isinstance(held, dict) else held, str):
            return claimed._replace(object_type=holder, object_id=object_id)
    return claimed


def _in_words(written: list[mirror.Written], calls: int) -> str:
    outcomes = {
        mirror.Outcome.NEW: "new here",
        mirror.Outcome.CHANGED: "changed",
        mirror.Outcome.SAME: "unchanged: the same state was here already",
        mirror.Outcome.GONE: "gone from Stripe",
        mirror.Outcome.UNKNOWN: "gone from Stripe before it was read",
        mirror.Outcome.STALE: "left alone: a newer state was here already",
    }
    first, others = written[0], [it for it in written[1:] if it.outcome in {"new", "changed"}]
    text = f"{first.type.replace('_', ' ').capitalize()} {outcomes[first.outcome]}"
    if others:
        text += f"; {len(others)} more came along"
    return f"{text}. {calls} {'call' if calls == 1 else 'calls'}."


def _ours(claimed: Claimed) -> QuerySet[Delivery]:
    """The deliveries that nobody claimed after us."""
    held = Q(pk__in=[])
    by_claim: dict[int, list[str]] = {}
    for event_id, claim in claimed.claims.items():
        by_claim.setdefault(claim, []).append(event_id)
    for claim, event_ids in by_claim.items():
        held |= Q(pk__in=event_ids, claim=claim)
    return Delivery.objects.filter(held, state=State.PROCESSING)


def _settle(claimed: Claimed, now: datetime, *, state: str, outcome: str) -> None:
    _ours(claimed).update(state=state, outcome=outcome, reason="", processed_at=now, lease_until=None, next_try_at=None)


def _put_off(claimed: Claimed, now: datetime, reason: str) -> None:
    """A later try with a growing pause, and after the last one a place where a person sees it."""
    ours = _ours(claimed)
    ours.filter(tries__gte=MOST_TRIES).update(
        state=State.QUARANTINED, reason=reason, processed_at=now, lease_until=None, next_try_at=None
    )
    for delivery in _ours(claimed):
        pause = timedelta(seconds=min(3600, 2 * 3 ** (delivery.tries - 1)))
        Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim, state=State.PROCESSING).update(
            state=State.WAITING, reason=reason, lease_until=None, next_try_at=now + pause
        )


def next_due_at() -> datetime | None:
    """When the next delivery is due that waits, or that a worker holds; None when there is none."""
    waiting = Delivery.objects.filter(state=State.WAITING).aggregate(next=Min("next_try_at"))["next"]
    held = Delivery.objects.filter(state=State.PROCESSING).aggregate(next=Min("lease_until"))["next"]
    return min((at for at in (waiting, held) if at), default=None)
