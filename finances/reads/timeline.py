"""The newest webhooks about one object: what happened lately."""

from collections.abc import Iterable

from django.db.models import QuerySet

from finances.models import Delivery

NEWEST = 12


def object_timeline(type_name: str, object_id: str) -> QuerySet[Delivery]:
    return _newest(Delivery.objects.filter(object_id=object_id, object_type=type_name))


def objects_timeline(object_ids: Iterable[str]) -> QuerySet[Delivery]:
    """Of several objects that belong together, such as a payment and its attempts; of types whose ids Stripe makes."""
    return _newest(Delivery.objects.filter(object_id__in=set(object_ids)))


def _newest(deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Without the payload: it is large, and reading it takes a right of its own."""
    shown = deliveries.only("event_id", "event_type", "object_id", "object_type", "state", "created_at")
    return shown.order_by("-created_at", "-event_id")[:NEWEST]
