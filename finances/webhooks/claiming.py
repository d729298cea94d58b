"""Who works on what: deliveries that are due are claimed for a lease, fenced by a number that grows with each claim."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Min, Q, QuerySet
from django.utils.translation import gettext as _

from finances.gateway import LISTED_BY_CREATION, calls_a_second
from finances.models import Delivery
from finances.tickets import LEASE, lease_end, locked
from finances.webhooks.replay import note_results
from finances.webhooks.tries import Appended

MOST_TRIES = 8
AT_ONCE = 500
"""Deliveries that one claim takes, at most."""
CROWD = 3
"""Seconds that the rate budget would need for a type's pending objects one by one, from which on lists are read."""
State = Delivery.State


class Claimed(NamedTuple):
    """Deliveries of one object, ours until the lease ends. `claims`: event id -> the fence that we hold.

    `at`: when it was claimed. `replayed`: those of the events that a replay put back. `created_at`: of the object,
    where the events say so.
    """

    object_type: str
    object_id: str
    claims: dict[str, int]
    at: datetime
    replayed: tuple[str, ...] = ()
    created_at: datetime | None = None


def due(now: datetime) -> QuerySet[Delivery]:
    """Deliveries that someone should work on now: new, waiting long enough, or left by a worker that died."""
    return Delivery.objects.filter(
        Q(state=State.RECEIVED)
        | Q(state=State.WAITING, next_try_at__lte=now)
        | Q(state=State.PROCESSING, lease_until__lt=now)
    )


def next_due_at() -> datetime | None:
    """When the next delivery is due that waits, or that a worker holds; None when there is none."""
    waiting = Delivery.objects.filter(state=State.WAITING).aggregate(next=Min("next_try_at"))["next"]
    held_until = Delivery.objects.filter(state=State.PROCESSING).aggregate(next=Min("lease_until"))["next"]
    return min((at for at in (waiting, held_until) if at), default=None)


def claim_next(now: datetime, *, but: Collection[str] = ()) -> Claimed | None:
    """The object with the oldest due delivery, and all its due ones; None when nothing is due.

    `but`: types that are passed over. Without claims when the last try of each of them is over.
    """
    ours = due(now).exclude(object_type__in=but) if but else due(now)
    with transaction.atomic():
        first = _rows(ours, 1)
        if not first:
            return None
        it = first[0]
        # A plan and its price have one id, and ids that people choose may be of two types.
        same = (
            due(now).filter(object_id=it.object_id, object_type=it.object_type)
            if it.object_id
            else due(now).filter(pk=it.pk)
        )
        claimed = _claim(_rows(same, AT_ONCE), now)
    return claimed[0] if claimed else Claimed(first[0].object_type, first[0].object_id, {}, now)


def claim_crowd(now: datetime, type_name: str) -> list[Claimed]:
    """The oldest due deliveries of a type that Stripe lists, where they are of more objects than one would read one by
    one; else nothing.

    Those of deleted objects are left out, since no list has them; an ended subscription is still listed. So is what a
    worker left that died: the object that ended it would take all the others with it.
    """
    if type_name not in LISTED_BY_CREATION:
        return []
    gone = Q(event_type__endswith=".deleted") & ~Q(object_type="subscription")
    listed = due(now).filter(~gone, object_type=type_name, object_created_at__isnull=False).exclude(object_id="")
    listed = listed.exclude(state=State.PROCESSING)
    with transaction.atomic():
        rows = _rows(listed, AT_ONCE)
        if len({row.object_id for row in rows}) <= min(CROWD * calls_a_second(), AT_ONCE // 2):
            return []
        return _claim(rows, now)


def held(claimed: Iterable[Claimed]) -> QuerySet[Delivery]:
    """The deliveries that nobody claimed after us."""
    by_claim: dict[int, list[str]] = {}
    for each in claimed:
        for event_id, claim in each.claims.items():
            by_claim.setdefault(claim, []).append(event_id)
    ours = Q(pk__in=[])
    for claim, event_ids in by_claim.items():
        ours |= Q(pk__in=event_ids, claim=claim)
    return Delivery.objects.filter(ours, state=State.PROCESSING)


def renew(claimed: Iterable[Claimed], now: datetime) -> None:
    held(claimed).update(lease_until=lease_end(now))


def hand_back(claimed: Iterable[Claimed]) -> None:
    """Due at once, for whoever comes next; no try is counted."""
    held(claimed).update(state=State.RECEIVED, lease_until=None, next_try_at=None, tries=F("tries") - 1)


def _rows(rows: QuerySet[Delivery], most: int) -> list[Delivery]:
    """The oldest, locked, without what is large."""
    columns = ("object_type", "object_id", "object_created_at", "state", "tries", "claim", "lease_until", "replay_id")
    return list(locked(rows).order_by("received_at").only(*columns)[:most])


def _claim(rows: list[Delivery], now: datetime) -> list[Claimed]:
    """Locked rows, claimed; by object, in the order of their first. Those that have no try left are quarantined."""
    _note_ended_workers(rows)
    # Each of these tries ended with its worker: the next one would too.
    deadly = [row for row in rows if row.tries >= MOST_TRIES]
    _quarantine(deadly, now)
    rows = [row for row in rows if row not in deadly]
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=State.PROCESSING, lease_until=lease_end(now), claim=F("claim") + 1, tries=F("tries") + 1
    )
    by_object: dict[str, list[Delivery]] = {}
    for row in rows:
        by_object.setdefault(row.object_id or row.pk, []).append(row)
    return [
        Claimed(
            of_one[0].object_type,
            of_one[0].object_id,
            {row.pk: row.claim + 1 for row in of_one},
            now,
            tuple(row.pk for row in of_one if row.replay_id),
            next((row.object_created_at for row in of_one if row.object_created_at), None),
        )
        for of_one in by_object.values()
    ]


def _note_ended_workers(rows: list[Delivery]) -> None:
    """Their tries have no entry; it stands at the last sign of life that there was."""
    overtaken: dict[datetime, list[str]] = {}
    for row in rows:
        if row.state == State.PROCESSING and row.lease_until:
            overtaken.setdefault(row.lease_until, []).append(row.pk)
    for until, event_ids in overtaken.items():
        entry = Appended(
            at=until - LEASE, worker="", ms=None, calls=None, error=_("Its worker ended in the midst of it.")
        )
        Delivery.objects.filter(pk__in=event_ids).update(try_log=entry)


def _quarantine(rows: list[Delivery], now: datetime) -> None:
    if not rows:
        return
    reason = _("%(count)s workers ended while they processed it.") % {"count": MOST_TRIES}
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        # A next try would say that an outage put it aside.
        state=State.QUARANTINED,
        reason=reason,
        processed_at=now,
        lease_until=None,
        next_try_at=None,
    )
    if replayed := [row.pk for row in rows if row.replay_id]:
        note_results(replayed, State.QUARANTINED, reason, now)
