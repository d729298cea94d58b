"""How old what we show is: of single objects, and of the console as a whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from finances.models import Charge, Delivery, Dispute, ObjectState, Refund, state_key
from finances.reads.keyset import capped_count
from finances.reads.webhooks import not_replayed

State = Delivery.State
TRIED_AGAIN = Q(state=State.WAITING) | Q(state=State.PROCESSING, next_try_at__isnull=False)
"""Failed at least once and is tried again by itself: a claim leaves the time of the try in place."""
SECOND = timedelta(seconds=1)
MOST_NAMED = 100


def freshness(type_name: str, object_ids: Iterable[str]) -> dict[str, datetime]:
    """By id, of each object of a type that the mirror knows: when the fetch began whose answer is shown. One query."""
    ids = {state_key(type_name, each): each for each in object_ids}
    states = ObjectState.objects.filter(object_id__in=list(ids))
    return {ids[key]: seen_at for key, seen_at in states.values_list("object_id", "seen_at")}


def read_since(object_id: str, since: datetime) -> bool:
    """Whether it was read after `since`, or an event about it, or about what is a customer's, processed; of a payment
    also whether an attempt, a refund or a dispute of it was read: Stripe's events are about those. One query.

    Of a customer, or of what is a customer's: its id is of no other type.
    """
    events = Delivery.objects.filter(Q(object_id=object_id) | Q(customer_id=object_id), processed_at__gte=since)
    read = ObjectState.objects.filter(seen_at__gte=since).values("seen_at")
    # Each by itself: an index serves one of them, and no index serves all of them joined by OR.
    parts = [read.filter(object_id__in=part.order_by().values("id")) for part in _parts_of_payment(object_id)]
    return bool(read.filter(object_id=object_id).union(events.values("processed_at"), *parts, all=True)[:1])


def _parts_of_payment(payment_id: str) -> tuple[QuerySet[Charge], QuerySet[Refund], QuerySet[Dispute]]:
    about = Q(payment_intent_id=payment_id) | Q(charge_id=payment_id)
    attempts = Charge.objects.filter(payment_intent_id=payment_id)
    return attempts, Refund.objects.filter(about), Dispute.objects.filter(about)


@dataclass(frozen=True)
class Lag:
    """`last_received`: of the newest delivery. `oldest_open`: since when the one waits that waits longest for a worker.

    A delivery that was not tried yet, or is in its first try, waits since it was received; one that failed, since its
    next try is due and nobody has taken it up. So an event that fails and is tried again does not make us late
    (`tried_again` counts those), and a worker that is gone does. Quarantined ones wait for people and do not count; nor
    does what people have put back to process it again, whatever becomes of it.
    """

    last_received: datetime | None
    oldest_open: datetime | None

    @property
    def as_of(self) -> datetime | None:
        """Everything that Stripe told us before this moment is in what is shown, but for what fails or was put aside;
        None before the first webhook."""
        return self.oldest_open or self.last_received

    def behind(self, now: datetime) -> timedelta | None:
        """How far behind Stripe what is shown may be; None when no delivery waits for a worker."""
        return max(now - self.oldest_open, timedelta()) if self.oldest_open else None


def lag(now: datetime) -> Lag:
    """One query: two index look-ups, and what waits for another try read through."""
    ours = not_replayed(Delivery.objects.all())
    first_try = ours.filter(state__in=(State.RECEIVED, State.PROCESSING), next_try_at__isnull=True)
    nobody_took = Q(state=State.WAITING, next_try_at__lte=now) | Q(state=State.PROCESSING, lease_until__lt=now)
    another_try = ours.filter(TRIED_AGAIN, nobody_took)
    newest = (
        Delivery.objects.order_by("-received_at", "-event_id")
        .annotate(
            first_try=Subquery(first_try.order_by("received_at").values("received_at")[:1]),
            another_try=Subquery(another_try.order_by("next_try_at").values("next_try_at")[:1]),
        )
        .values_list("received_at", "first_try", "another_try")
        .first()
    )
    if newest is None:
        return Lag(None, None)
    return Lag(newest[0], min((at for at in newest[1:] if at), default=None))


def tried_again() -> int:
    """Deliveries that failed and are tried again by themselves, replayed ones too; capped as lists are. One query."""
    return capped_count(Delivery.objects.filter(TRIED_AGAIN))


@dataclass(frozen=True)
class Unprocessed:
    """Events that failed, newest first, about objects that were not read since: at most 101 of each kind.

    `put_aside`: ids of those in quarantine. `tried_again`: of those that are still tried.
    """

    put_aside: list[str]
    tried_again: list[str]


def unprocessed_of_customer(customer_id: str) -> Unprocessed:
    """Of all objects that are the customer's. One query. People choose the id of none of these."""
    return _unprocessed(Q(customer_id=customer_id))


def unprocessed_of_object(object_id: str) -> Unprocessed:
    """Of what is a customer's, such as an invoice. One query."""
    return _unprocessed(Q(object_id=object_id))


def _unprocessed(about: Q) -> Unprocessed:
    """An object that was read after the event was made holds what the event told, whoever asked for it to be read.

    Stripe dates its events by the second: one that was read within that second may have been read before.
    """
    found = list(_failed_and_not_read_since().filter(about)[: MOST_NAMED + 1])
    return Unprocessed(
        put_aside=[event_id for event_id, state in found if state == State.QUARANTINED],
        tried_again=[event_id for event_id, state in found if state != State.QUARANTINED],
    )


@cache  # to put it together takes Django longer than to write the query
def _failed_and_not_read_since() -> QuerySet[Any, Any]:
    read_at = ObjectState.objects.filter(object_id=OuterRef("object_id")).values("seen_at")[:1]
    failed = Delivery.objects.filter(Q(state=State.QUARANTINED) | TRIED_AGAIN).alias(read_at=Subquery(read_at))
    open_ones = failed.filter(Q(read_at__isnull=True) | Q(read_at__lt=F("created_at") + SECOND))
    return open_ones.order_by("-created_at", "-event_id").values_list("event_id", "state")
