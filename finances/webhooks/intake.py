"""Verify, store one delivery row, wake a worker on commit. What is not verified leaves nothing behind."""

import json
import os
import re
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from finances import mirror, wakeups
from finances.models import Delivery, WakeUp
from finances.webhooks.signature import is_signed

Json = dict[str, Any]


class Refused(Exception):
    """Not Stripe's, or not an event: the sender is told why, nothing is kept."""


def take_in(body: bytes, signature: str, *, live: bool, now: datetime) -> str:
    """What became of it, in a word: `kept`, `kept again` or `ignored`. Raises Refused."""
    if not is_signed(body, signature, _secrets(), now):
        raise Refused("wrong signature")
    event = _parse(body)
    delivery = delivery_of(event, now)
    if reason := _reason_to_ignore(event, live=live):
        delivery.state, delivery.reason, delivery.processed_at = Delivery.State.IGNORED, reason, now
    if not _keep(delivery):
        return "kept again"
    if delivery.state == Delivery.State.RECEIVED:
        wakeups.wake(WakeUp.Kind.DELIVERIES, now=now)
        return "kept"
    return "ignored"


def _secrets() -> list[str]:
    """Two while a secret is being rolled; read for each call, so that they are in no object that could be logged."""
    names = ("DJSTRIPE_WEBHOOK_SECRET", "DJSTRIPE_WEBHOOK_SECRET_PREVIOUS")
    return [os.environ[name] for name in names if os.environ.get(name)]


def _parse(body: bytes) -> Json:
    try:
        event = json.loads(body.decode(), object_pairs_hook=_without_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused("not JSON") from None
    if not (isinstance(event, dict) and event.get("object") == "event"):
        raise Refused("not an event")
    it = event.get("data")
    if not (
        _is_word(event.get("id"), 255)
        and _is_word(event.get("type"), 255)
        and isinstance(event.get("created"), int)
        and 0 <= event["created"] < 2**33
        and isinstance(it, dict)
        and isinstance(it.get("object"), dict)
    ):
        raise Refused("not an event")
    if not is_storable(event):
        raise Refused("has characters that cannot be stored")
    return event


def _without_duplicates(pairs: list[tuple[str, Any]]) -> Json:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice")
    return result


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _word(value: Any, longest: int) -> str:
    """The value where it is a word that a column can hold, else nothing."""
    return value if _is_word(value, longest) else ""


def _is_word(value: Any, longest: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= longest and value.isascii() and value.isprintable()


def is_storable(event: Json) -> bool:
    """PostgreSQL's jsonb takes neither NUL nor half of a surrogate pair; Stripe sends neither."""
    text = json.dumps(event, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return not re.search(r"(?<!\\)(?:\\\\)*\\u0000", text)


def delivery_of(event: Json, now: datetime, *, attempts: int = 1) -> Delivery:
    it = event["data"]["object"]
    customer = it.get("id") if it.get("object") == "customer" else it.get("customer")
    if isinstance(customer, dict):
        customer = customer.get("id")
    return Delivery(
        event_id=event["id"],
        event_type=event["type"],
        object_id=_word(it.get("id"), 255),
        object_type=_word(it.get("object"), 64),
        customer_id=_word(customer, 255),
        api_version=_word(event.get("api_version"), 64),
        livemode=event.get("livemode") is True,
        account_id=_word(event.get("account"), 255),
        payload=event,
        created_at=datetime.fromtimestamp(event["created"], UTC),
        received_at=now,
        attempts=attempts,
    )


def _reason_to_ignore(event: Json, *, live: bool) -> str:
    if (event.get("livemode") is True) != live:
        other, ours = ("test", "live") if live else ("live", "test")
        return f"It is of {other} mode; this deployment is in {ours} mode."
    account = event.get("account")
    # An event of our own account names none; one that does is a connected account's.
    if account and account != mirror.known_account_id():
        return "It is of another account."
    return ""


def _keep(delivery: Delivery) -> bool:
    """Insert the row, or count one more attempt on the one that stands. Whether it is new. Committed on return.

    One statement: look first and insert then would let two simultaneous duplicates both find nothing.
    """
    fields = Delivery._meta.concrete_fields
    table = Delivery._meta.db_table
    columns = ", ".join(str(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    # Names of our own columns only; what Stripe sent is in the parameters.
    statement = (
        f"INSERT INTO {table} ({columns}) VALUES ({places}) "  # noqa: S608  # nosec B608
        f"ON CONFLICT (event_id) DO UPDATE SET attempts = {table}.attempts + 1 RETURNING attempts"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            statement, [field.get_db_prep_save(getattr(delivery, field.attname), connection) for field in fields]
        )
        return cursor.fetchone()[0] == 1
