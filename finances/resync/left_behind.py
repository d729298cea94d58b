"""What Stripe ended without being asked for it: with a customer that is deleted, it cancels their subscriptions."""

from collections.abc import Iterable

from finances.mirror import Written
from finances.models import Subscription
from finances.reads.subscriptions import ENDED
from finances.resync.plan import parts_of
from finances.resync.steps import Step


def steps_after(step: Step, written: Iterable[Written]) -> list[Step]:
    """What has to be read as well, directly, after a part of `step` has written these: subscriptions that run here and
    whose customers Stripe calls deleted. Until then they count as paid for, by somebody who is no more.

    None where the customer's own children are read anyway. One query, and that only where a customer is gone.
    """
    if step["type"] != "customer" or "id" in step:
        return []
    gone = [it.id for it in written if it.type == "customer" and it.data.get("deleted") is True]
    if not gone:
        return []
    running = Subscription.objects.filter(customer_id__in=gone, deleted_at=None).exclude(status__in=ENDED)
    ids = running.order_by("id").values_list("id", flat=True)
    return [part.step for part in parts_of([("subscription", each) for each in ids])]
