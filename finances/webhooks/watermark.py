"""Up to where the events are whole, and what was lost before it."""

from datetime import datetime, timedelta

from django.db.models import Min

from finances.models import CatchUp, Delivery, EventWatermark, ResyncRun
from finances.reads.catch_ups import STRIPE_KEEPS, event_gap, whole_reads

QUIET = timedelta(days=1)
"""Where nothing happens, the watermark follows our clock so far behind that the clock may be wrong by hours."""


def beginning(now: datetime) -> datetime:
    """Where the first comparison begins: when anything was first read, at most 30 days ago; now if nothing ever was.

    What Stripe made before that is in what was read.
    """
    run = ResyncRun.objects.filter(kind=ResyncRun.Kind.RESYNC).aggregate(at=Min("started_at"))["at"]
    delivery = Delivery.objects.filter(found_by=None).aggregate(at=Min("received_at"))["at"]
    return max(min((at for at in (run, delivery) if at), default=now), now - STRIPE_KEEPS)


def move_watermark(row: CatchUp, now: datetime) -> None:
    """`row` has read its whole window. Inside the transaction that ends it; one comparison ends at a time.

    A window that begins after the watermark leaves a piece between them unread, and moves nothing.
    """
    mark = EventWatermark.objects.filter(pk=1).first()
    if mark is None:
        if row.since > beginning(row.created_at):
            return
        mark = EventWatermark(at=row.since)
    elif row.since > mark.at:
        return
    else:
        _note_gap(mark, row, now)
    # Stripe's clock, not ours, which may be ahead: an event made before the watermark would never be looked for.
    if row.newest_at and row.newest_at > mark.at:
        mark.at, mark.event_id = row.newest_at, row.newest_event_id
    if row.created_at - QUIET > mark.at:
        mark.at, mark.event_id = row.created_at - QUIET, ""
    mark.compared_at = now
    mark.save()


def _note_gap(mark: EventWatermark, row: CatchUp, now: datetime) -> None:
    """Stripe no longer had what lies between the watermark and 30 days ago, by Stripe's clock or ours."""
    standing = event_gap(now)
    if standing is None or standing.found_at is None:
        mark.gap_from = mark.gap_until = mark.gap_found_at = None
    forgotten = max(now, row.newest_at or now) - STRIPE_KEEPS
    if mark.at < forgotten and not whole_reads().filter(started_at__gte=forgotten).exists():
        mark.gap_from = mark.gap_from or mark.at
        mark.gap_until, mark.gap_found_at = forgotten, now
