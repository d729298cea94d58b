"""Events that were put aside only because Stripe answered nobody: taken up by themselves when it answers again.

Eight tries take half an hour, and an outage may take longer: what came in it can be processed, and no person need see
to it. An event that fails while Stripe answers others stays where a person sees it.
"""

from datetime import datetime

from finances import wakeups
from finances.models import CatchUp, Delivery, WakeUp

State = Delivery.State


def stripe_answered_nobody(since: datetime) -> bool:
    """No delivery was processed and no comparison with Stripe's list came to its end. Two queries at most."""
    processed = Delivery.objects.filter(state=State.PROCESSED, processed_at__gt=since)
    return not (
        processed.exists() or CatchUp.objects.filter(state=CatchUp.State.COMPLETE, finished_at__gt=since).exists()
    )


def take_up_again(now: datetime) -> int:
    """Stripe answers: what was put aside while it did not is due again, with all its tries. How many there were.

    They are those that are quarantined and have a next try.
    """
    put_aside = Delivery.objects.filter(state=State.QUARANTINED, next_try_at__isnull=False)
    # As waiting ones: they are late since now, not since they came.
    taken_up = put_aside.update(state=State.WAITING, tries=0, next_try_at=now, processed_at=None)
    if taken_up:
        wakeups.wake(WakeUp.Kind.DELIVERIES, now=now)
    return taken_up
