"""Payloads of webhooks that were dealt with, where it is asked for their rows too; comparisons that found nothing."""

from datetime import datetime, timedelta

from django.db import transaction

from finances.models import CatchUp, Delivery, ObjectState
from finances.retention.batches import BATCH
from finances.tickets import locked

SETTLED = (Delivery.State.PROCESSED, Delivery.State.IGNORED)
COMPARISONS_STAY = timedelta(days=7)


def empty_payloads(before: datetime) -> int | None:
    """Of a batch of the oldest deliveries that were settled before: how many; None when there are no more.

    Ids, types, hashes and what arrived with them stay. A quarantined one keeps its payload: somebody still has to look.
    """
    settled = Delivery.objects.filter(state__in=SETTLED, payload__isnull=False, processed_at__lt=before)
    chosen = list(settled.order_by("processed_at").values_list("pk", flat=True)[:BATCH])
    # Asked once more: one that is replayed meanwhile keeps its payload.
    return settled.filter(pk__in=chosen).update(payload=None) if chosen else None


def empty_payloads_of_the_erased() -> int | None:
    """What came about customers after they were erased, whatever became of it; None when there is no more."""
    erased = ObjectState.objects.filter(type="customer", erased_at__isnull=False)
    theirs = Delivery.objects.filter(customer_id__in=erased.values("pk"), payload__isnull=False)
    chosen = list(theirs.values_list("pk", flat=True)[:BATCH])
    return Delivery.objects.filter(pk__in=chosen).update(payload=None) if chosen else None


def remove_deliveries(before: datetime) -> int | None:
    """A batch of the oldest deliveries that were settled before, with what replays came to on them: how many; None when
    there are no more. Stripe must have forgotten them (30 days): a comparison with its list would miss them."""
    with transaction.atomic():
        settled = Delivery.objects.filter(state__in=SETTLED, processed_at__lt=before)
        chosen = list(locked(settled.order_by("processed_at")).values_list("pk", flat=True)[:BATCH])
        if chosen:
            Delivery.objects.filter(pk__in=chosen).delete()
    return len(chosen) or None


def remove_comparisons(now: datetime) -> int | None:
    """A batch of scheduled comparisons that found nothing and ended over a week ago; there are 480 a day. How many."""
    nothing = CatchUp.objects.filter(
        cause=CatchUp.Cause.SCHEDULE, missed=0, found=None, finished_at__lt=now - COMPARISONS_STAY
    )
    chosen = list(nothing.order_by("created_at").values_list("pk", flat=True)[:BATCH])
    CatchUp.objects.filter(pk__in=chosen).delete()
    return len(chosen) or None
