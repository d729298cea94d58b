"""The list of webhooks: one row an event, newest received first; and which of them some conditions mean."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When

from finances.configuration import PINNED_API_VERSION
from finances.models import Customer, Delivery
from finances.reads.keyset import Order
from finances.reads.names import names_of
from finances.reads.search import matching

State = Delivery.State
NEWEST_FIRST = Order("received_at", key="event_id")
MOST_CUSTOMERS = 200
ANY = "any"
MISSED = "missed"
OTHER = "other"


@dataclass(frozen=True)
class Conditions:
    """Which deliveries are meant. What is empty narrows nothing.

    `type`: `invoice.paid`, or `invoice.*` for all that begin so. `about`: an id (event, object or customer), or words
    of a customer; `object_id` or `customers`: ids, into which `resolved` turns what looks like none. `reason`: how it
    begins. `cut`: the words mean more customers than `customers` holds.
    `received_from` is in, `received_until` is not. `min_delay`: as `delay` counts it, of those that have one.
    `api_version`: one, or `other` than the one that we read at. `found_by`: the number of a comparison with Stripe's
    list, `any` of them, or `missed`: found by one, and Stripe has not delivered it since.
    """

    event_id: str = ""
    state: str = ""
    type: str = ""
    about: str = ""
    object_id: str = ""
    customers: tuple[str, ...] = ()
    cut: bool = False
    reason: str = ""
    received_from: datetime | None = None
    received_until: datetime | None = None
    min_delay: timedelta | None = None
    api_version: str = ""
    found_by: str = ""

    def as_json(self) -> dict[str, Any]:
        """What is set, in JSON's types: times in ISO 8601, the delay in seconds."""
        found: dict[str, Any] = {name: value for name, value in asdict(self).items() if value}
        for name in ("received_from", "received_until"):
            if name in found:
                found[name] = found[name].isoformat()
        if self.min_delay:
            found["min_delay"] = self.min_delay.total_seconds()
        if self.customers:
            found["customers"] = list(self.customers)
        return found

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Conditions":
        known = {name: stored[name] for name in (field.name for field in fields(cls)) if name in stored}
        for name in ("received_from", "received_until"):
            if name in known:
                known[name] = datetime.fromisoformat(known[name])
        if "min_delay" in known:
            known["min_delay"] = timedelta(seconds=known["min_delay"])
        if "customers" in known:
            known["customers"] = tuple(known["customers"])
        return cls(**known)

    def resolved(self) -> "Conditions":
        """With the object or the customers whom the words mean now instead of the words. Two queries at most, none
        where there are no words.

        People choose the ids of coupons and products, so what looks like a word is an id where an event of such an
        object is here, exactly as it is written. Words may be a name or an address: what is kept for long, or in the
        audit trail, holds ids alone. At most two hundred customers, the newest; `cut` says whether there are others.
        """
        if not self.about or is_id(self.about):
            return self
        if Delivery.objects.filter(object_id=self.about.strip()).exists():
            return replace(self, about="", object_id=self.about.strip())
        ids, more = customers_called(self.about)
        return replace(self, about="", customers=tuple(ids) or ("nobody",), cut=more)


def deliveries_matching(conditions: Conditions) -> QuerySet[Delivery]:
    """Up to two queries more where `about` is words; past 200 customers the newest ones, which `Conditions.resolved`
    tells and this does not."""
    conditions, rows = conditions.resolved(), deliveries()
    if conditions.event_id:
        rows = rows.filter(pk=conditions.event_id)
    if conditions.state:
        rows = rows.filter(state=conditions.state)
    if conditions.type:
        rows = of_type(rows, conditions.type)
    if conditions.about:
        rows = about(rows, conditions.about)
    if conditions.object_id:
        rows = rows.filter(object_id=conditions.object_id)
    if conditions.customers:
        rows = rows.filter(customer_id__in=conditions.customers)
    if conditions.reason:
        # What went well has no reason: the states are named so that their index serves.
        rows = rows.filter(state__in=set(State) - {State.PROCESSED}, reason__startswith=conditions.reason)
    if conditions.received_from:
        rows = rows.filter(received_at__gte=conditions.received_from)
    if conditions.received_until:
        rows = rows.filter(received_at__lt=conditions.received_until)
    if conditions.min_delay:
        timed = not_replayed(rows).filter(state=State.PROCESSED)
        rows = timed.filter(processed_at__gte=F("created_at") + conditions.min_delay)
    if conditions.api_version == OTHER:
        rows = rows.exclude(api_version__in=("", PINNED_API_VERSION))
    elif conditions.api_version:
        rows = rows.filter(api_version=conditions.api_version)
    if conditions.found_by == MISSED:
        rows = rows.filter(found_by__isnull=False, attempts=0)
    elif conditions.found_by == ANY:
        rows = rows.filter(found_by__isnull=False)
    elif conditions.found_by:
        rows = rows.filter(found_by=int(conditions.found_by))
    return rows


@dataclass(frozen=True)
class DeliveryRow:
    """`delay`: as the function of this name counts it."""

    delivery: Delivery
    about: str
    customer: str
    delay: timedelta | None


def deliveries() -> QuerySet[Delivery]:
    """Without the payload: it is large, and reading it takes a right of its own."""
    return Delivery.objects.defer("payload")


def not_replayed(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """As a plain condition SQLite would take the index of this column, which is empty almost everywhere."""
    return rows.alias(is_replayed=Case(When(replay__isnull=True, then=Value(0)), default=Value(1))).filter(
        is_replayed=0
    )


def of_type(rows: QuerySet[Delivery], pattern: str) -> QuerySet[Delivery]:
    """`invoice.paid` exactly, `invoice.*` or `invoice.` for all that begin so."""
    pattern = pattern.strip().lower()
    if pattern.endswith(("*", ".")):
        return rows.filter(event_type__startswith=pattern.rstrip("*"))
    return rows.filter(event_type=pattern)


def is_id(text: str) -> bool:
    return re.fullmatch(r"[a-z]+_\w+", text.strip(), re.ASCII) is not None


def about(rows: QuerySet[Delivery], text: str) -> QuerySet[Delivery]:
    """An id: of the event, its object or its customer."""
    text = text.strip()
    return rows.filter(Q(pk=text) | Q(object_id=text) | Q(customer_id=text))


def customers_called(words: str) -> tuple[list[str], bool]:
    """Ids, at most two hundred, the newest customers first; and whether there are more. One query."""
    matches = matching(Customer.objects.all(), words).order_by("-created_at", "-pk").values_list("pk", flat=True)
    ids = list(matches[: MOST_CUSTOMERS + 1])
    return ids[:MOST_CUSTOMERS], len(ids) > MOST_CUSTOMERS


def delivery_rows(rows: Sequence[Delivery]) -> list[DeliveryRow]:
    """With what people call the object and its customer: one query."""
    names = names_of(id for row in rows for id in (row.object_id, row.customer_id))
    return [
        DeliveryRow(
            row,
            about=names.get(row.object_id, ""),
            customer=names.get(row.customer_id, "") if row.customer_id != row.object_id else "",
            delay=delay(row),
        )
        for row in rows
    ]


def delay(row: Delivery) -> timedelta | None:
    """From Stripe's event, known to the second, to the end of our processing.

    None for what is not processed: what was ignored or put aside was not. None too for what was replayed: it would
    count the time until people asked for that.
    """
    if row.state != State.PROCESSED or row.processed_at is None or row.replay_id is not None:
        return None
    return max(row.processed_at - row.created_at, timedelta())
