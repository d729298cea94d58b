"""Events that Stripe has and we lack: found in its list of events, put into the inbox, processed like any other."""

from datetime import datetime
from typing import Any, NamedTuple

from finances import wakeups
from finances.gateway import Gateway
from finances.models import Delivery, WakeUp
from finances.webhooks.intake import delivery_of, is_storable


class CaughtUp(NamedTuple):
    """`held` of the `listed` events were here already; `missed` were not, and are in the inbox now."""

    listed: int
    held: int
    missed: list[str]


def catch_up(*, since: datetime, now: datetime) -> CaughtUp:
    """Compare the ids of Stripe's events since then with ours. Stripe keeps events for 30 days.

    Raises gateway.StripeProblem; what was found until then is in the inbox.
    """
    gateway = Gateway()
    listed, missed, after = 0, [], ""
    while True:
        page = gateway.page("event", after=after, created={"gte": int(since.timestamp())})
        listed += len(page.objects)
        new = _unknown(page.objects)
        Delivery.objects.bulk_create([_delivery(event, now) for event in new], ignore_conflicts=True)
        missed += [event["id"] for event in new]
        if not (page.has_more and page.objects):
            break
        after = page.objects[-1]["id"]
    if missed:
        wakeups.wake(WakeUp.Kind.DELIVERIES, now=now)
    return CaughtUp(listed, listed - len(missed), missed)


def _delivery(event: dict[str, Any], now: datetime) -> Delivery:
    delivery = delivery_of(event, now, attempts=0)
    if not is_storable(event):
        delivery.payload = {}  # its id is enough to read the object anew
    return delivery


def _unknown(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    held = set(Delivery.objects.filter(pk__in=[event["id"] for event in events]).values_list("pk", flat=True))
    return [event for event in events if event["id"] not in held]
