"""What was set aside for a time only: the payloads of deliveries, and comparisons that found nothing."""

from datetime import datetime, timedelta

from finances.models import CatchUp, Delivery

SETTLED = (Delivery.State.PROCESSED, Delivery.State.IGNORED)
BATCH = 500
COMPARISONS_STAY = timedelta(days=7)


def prune_payloads(now: datetime, keep: timedelta, *, most: int = 50_000) -> int:
    """Empty the payloads of deliveries that were settled longer ago than `keep`. How many; `most` at a time.

    Ids, types, hashes and what arrived with them stay. A quarantined one keeps its payload: somebody still has to look.
    In small transactions, so that no webhook waits.
    """
    pruned = 0
    settled = Delivery.objects.filter(state__in=SETTLED, payload__isnull=False)
    while pruned < most:
        old = settled.filter(processed_at__lt=now - keep).order_by("processed_at").values_list("pk", flat=True)
        chosen = list(old[: min(BATCH, most - pruned)])
        if not chosen:
            break
        # Asked once more: one that is replayed meanwhile keeps its payload.
        pruned += settled.filter(pk__in=chosen, processed_at__lt=now - keep).update(payload=None)
    return pruned


def prune_comparisons(now: datetime, *, most: int = 5_000) -> int:
    """Delete scheduled comparisons that found nothing and ended over a week ago; there are 480 a day. How many."""
    nothing = CatchUp.objects.filter(
        cause=CatchUp.Cause.SCHEDULE, missed=0, found=None, finished_at__lt=now - COMPARISONS_STAY
    )
    chosen = list(nothing.order_by("created_at").values_list("pk", flat=True)[:most])
    CatchUp.objects.filter(pk__in=chosen).delete()
    return len(chosen)
