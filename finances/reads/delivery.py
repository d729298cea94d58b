"""One webhook: what it says changed, how long each step took, and what came before and after it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q

from finances.differences import differences
from finances.models import Delivery
from finances.reads.webhooks import delay

Json = dict[str, Any]
MOST_CHANGES = 200
MOST_NEIGHBOURS = 5


@dataclass(frozen=True)
class Delays:
    """`to_us`: from the event, known to the second, to its first arrival here. `here`: from then to the end of
    processing, of what is processed and was not replayed; `whole`: both together."""

    to_us: timedelta
    here: timedelta | None
    whole: timedelta | None


def delays(delivery: Delivery) -> Delays:
    to_us = max(delivery.received_at - delivery.created_at, timedelta())
    if delivery.processed_at is None or delay(delivery) is None:
        return Delays(to_us, None, None)
    here = max(delivery.processed_at - delivery.received_at, timedelta())
    return Delays(to_us, here, to_us + here)


@dataclass(frozen=True)
class Neighbours:
    """Other events about the same object: `later` and `earlier` ones, each nearest first, at most five."""

    later: list[Delivery]
    earlier: list[Delivery]


def neighbours(delivery: Delivery) -> Neighbours:
    """By Stripe's time, which is known to the second; in the same second by when they were received. Two queries, none
    for an object without an id."""
    if not delivery.object_id:
        return Neighbours([], [])
    of_it = Delivery.objects.filter(object_id=delivery.object_id, object_type=delivery.object_type)
    same = of_it.exclude(pk=delivery.pk).defer("payload")
    made, came, event_id = delivery.created_at, delivery.received_at, delivery.pk
    at_once = Q(created_at=made, received_at=came)
    after = Q(created_at__gt=made) | Q(created_at=made, received_at__gt=came) | (at_once & Q(pk__gt=event_id))
    before = Q(created_at__lt=made) | Q(created_at=made, received_at__lt=came) | (at_once & Q(pk__lt=event_id))
    return Neighbours(
        list(same.filter(after).order_by("created_at", "received_at", "pk")[:MOST_NEIGHBOURS]),
        list(same.filter(before).order_by("-created_at", "-received_at", "-pk")[:MOST_NEIGHBOURS]),
    )


def changes(payload: Any) -> list[Json]:
    """What the event itself says changed, in the shape of `ResyncFinding.differences`; empty where it says nothing.

    Stripe's `previous_attributes` name the fields that changed with their old values, nested as in the object.
    """
    data = payload.get("data") if isinstance(payload, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("previous_attributes"), dict):
        return []
    found: list[Json] = []
    _collect(data["previous_attributes"], data.get("object"), "", found)
    return found[:MOST_CHANGES]


def changed_fields(event_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """By event, the names of the object's own fields that it says changed; no values leave this. One query, none
    without ids. Left out are those that say nothing of it, and those whose payload is gone."""
    ids = list(event_ids)
    if not ids:
        return {}
    told = Delivery.objects.filter(pk__in=ids).values_list("pk", "payload__data__previous_attributes")
    return {event_id: tuple(before) for event_id, before in told if isinstance(before, dict) and before}


def _collect(before: Json, after: Any, prefix: str, found: list[Json]) -> None:
    now = after if isinstance(after, dict) else {}
    for name in sorted(before):
        field = f"{prefix}{name}"
        if isinstance(before[name], dict) and isinstance(now.get(name), dict) and before[name]:
            _collect(before[name], now[name], field + ".", found)
            continue
        if isinstance(before[name], list) and isinstance(now.get(name), list):
            # Stripe repeats the whole list when one of its entries changed.
            found += differences(before[name], now[name], field)
            continue
        if name in now and now[name] == before[name]:
            continue
        difference: Json = {"field": field}
        # Stripe writes null both for a value of null and for one that was not there; the latter is the usual case.
        if before[name] is not None:
            difference["before"] = before[name]
        if now.get(name) is not None:
            difference["after"] = now[name]
        found.append(difference)
