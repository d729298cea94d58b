"""Verify, store one delivery row, wake a worker on commit. What is not verified leaves nothing behind."""

import json
import math
import os
import re
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from itertools import takewhile
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext_lazy

from finances import mirror, wakeups
from finances.models import Delivery, WakeUp
from finances.statements import server_side_cursor
from finances.webhooks.arrivals import MOST_ARRIVALS, Sender, arrival
from finances.webhooks.newest import with_one_more
from finances.webhooks.refusals import Reason, Refused
from finances.webhooks.signature import verify

Json = dict[str, Any]

DEEPEST = 100
"""Levels of JSON in JSON. Stripe's events have a dozen; whatever reads them later need not be ready for thousands."""


def take_in(body: bytes, signature: str, *, sender: Sender, live: bool, now: datetime) -> str:
    """What became of it, in a word: `kept`, `kept again` or `ignored`. Raises Refused."""
    signed = verify(body, signature, _secrets(), now)
    if signed is None:
        raise Refused(Reason.WRONG_SIGNATURE)
    # Told apart only for what Stripe did sign: one is a wrong clock or a replay, the other a wrong secret.
    if signed.is_too_old:
        raise Refused(Reason.TOO_OLD)
    if signed.is_ahead:
        raise Refused(Reason.AHEAD)
    event = _parse(body)
    delivery = delivery_of(event, now)
    delivery.payload_hash, delivery.payload_bytes = sha256(body).hexdigest(), len(body)
    delivery.arrivals = [arrival(signed, sender, now)]
    if reason := _reason_to_ignore(event, live=live):
        delivery.state, delivery.reason, delivery.processed_at = Delivery.State.IGNORED, reason, now
    kept = _keep(delivery)
    if not kept.new:
        return "kept again"
    if delivery.state != Delivery.State.RECEIVED:
        return "ignored"
    if connection.vendor != "postgresql":
        wakeups.wake(WakeUp.Kind.DELIVERIES, now=now)
    elif kept.asked:
        wakeups.enqueue(WakeUp.Kind.DELIVERIES)
    return "kept"


def _secrets() -> dict[str, str]:
    """Two while a secret is being rolled; read for each call, so that they are in no object that could be logged."""
    names = {"current": "DJSTRIPE_WEBHOOK_SECRET", "previous": "DJSTRIPE_WEBHOOK_SECRET_PREVIOUS"}
    return {name: os.environ[variable] for name, variable in names.items() if os.environ.get(variable)}


def _parse(body: bytes) -> Json:
    try:
        event = json.loads(
            body.decode(), object_pairs_hook=_without_duplicates, parse_constant=_no_constant, parse_float=_finite
        )
    except (ValueError, RecursionError):
        raise Refused(Reason.NOT_JSON) from None
    if not (isinstance(event, dict) and event.get("object") == "event"):
        raise Refused(Reason.NOT_AN_EVENT)
    it = event.get("data")
    if not (
        is_event_id(event.get("id"))
        and _is_word(event.get("type"), 255)
        and _time(event.get("created"))
        and isinstance(it, dict)
        and isinstance(it.get("object"), dict)
        # Looked at only where the body could hold it: either look takes as long as reading the JSON.
        and not (body.count(b"{") + body.count(b"[") > DEEPEST and _is_deeper_than(DEEPEST, event))
    ):
        raise Refused(Reason.NOT_AN_EVENT)
    if b"\\u" in body and not is_storable(event):
        raise Refused(Reason.NOT_STORABLE)
    return event


def _without_duplicates(pairs: list[tuple[str, Any]]) -> Json:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice")
    return result


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number is larger than any that can be stored")
    return number


def _is_deeper_than(levels: int, value: Any) -> bool:
    """Counted level by level: a walk by recursion would itself be what goes too deep."""
    level = [value]
    for _ in range(levels):
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
        ]
    return bool(level)


def _time(seconds: Any) -> datetime | None:
    """A moment of Stripe's, whole seconds since 1970; None for anything else, and for what is beyond the year 2242."""
    if type(seconds) is not int or not 0 <= seconds < 2**33:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _word(value: Any, longest: int) -> str:
    """The value where it is a word that a column can hold, else nothing."""
    return value if _is_word(value, longest) else ""


def is_event_id(value: Any) -> bool:
    """It stands in addresses of the console."""
    return isinstance(value, str) and bool(re.fullmatch(r"\w{1,255}", value, re.ASCII))


def _is_word(value: Any, longest: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= longest and value.isascii() and value.isprintable()


def is_storable(event: Json) -> bool:
    """PostgreSQL's jsonb takes no NUL, no half of a surrogate pair and no infinite number; Stripe sends none."""
    try:
        text = json.dumps(event, ensure_ascii=False, allow_nan=False)
        text.encode()
    except ValueError:
        return False
    return not re.search(r"(?<!\\)(?:\\\\)*\\u0000", text)


def delivery_of(event: Json, now: datetime, *, attempts: int = 1) -> Delivery:
    it = event["data"]["object"]
    customer = it.get("id") if it.get("object") == "customer" else it.get("customer")
    if isinstance(customer, dict):
        customer = customer.get("id")
    request = event.get("request")  # of an API call that caused it; a bare id before 2017-05-25
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
        request_id=_word(request.get("id") if isinstance(request, dict) else request, 255),
        object_created_at=_time(it.get("created")),
        created_at=datetime.fromtimestamp(event["created"], UTC),
        received_at=now,
        attempts=attempts,
    )


OF_TEST_MODE = gettext_lazy("It is of test mode; this deployment is in live mode.")
OF_LIVE_MODE = gettext_lazy("It is of live mode; this deployment is in test mode.")
OF_ANOTHER_ACCOUNT = gettext_lazy("It is of another account.")


def beginning_of_elsewhere() -> str:
    """How the reasons of all events begin that are not this deployment's; may be empty in another language."""
    texts = map(str, (OF_TEST_MODE, OF_LIVE_MODE, OF_ANOTHER_ACCOUNT))
    same = takewhile(lambda signs: len(set(signs)) == 1, zip(*texts, strict=False))
    return "".join(signs[0] for signs in same).rstrip()


def _reason_to_ignore(event: Json, *, live: bool) -> str:
    if (event.get("livemode") is True) != live:
        return str(OF_TEST_MODE if live else OF_LIVE_MODE)
    account = event.get("account")
    # An event of our own account names none; one that does is a connected account's.
    if account and account != mirror.known_account_id():
        return str(OF_ANOTHER_ACCOUNT)
    return ""


class Kept(NamedTuple):
    """`new`: no delivery of this event was here. `asked`: the same statement marked a wake-up as pending."""

    new: bool
    asked: bool


def _keep(delivery: Delivery) -> Kept:
    """Insert the row, or note one more arrival on the one that stands. Committed on return.

    One statement: look first and insert then would let two simultaneous duplicates both find nothing. A row that stands
    without a payload, since a comparison with Stripe's list found the event first, gets the one that came. PostgreSQL
    marks the wake-up in the same one: a second way there and back would cost as much as the first.
    """
    values = [
        field.get_db_prep_save(getattr(delivery, field.attname), connection) for field in Delivery._meta.concrete_fields
    ]
    received_at = connection.ops.adapt_datetimefield_value(delivery.received_at)
    statement, parameters = _upsert(connection.vendor), [*values, received_at]
    if connection.vendor == "postgresql":
        waking, more = wakeups.asking(WakeUp.Kind.DELIVERIES, delivery.received_at)
        # What intake ignores wakes nobody.
        statement = (
            f"WITH kept AS ({statement}), "  # noqa: S608  # nosec B608  # names of our own columns
            f"asked AS ({waking} AND %s AND EXISTS (SELECT 1 FROM kept WHERE new) RETURNING 1) "
            "SELECT new, EXISTS (SELECT 1 FROM asked) FROM kept"
        )
        parameters += [*more, delivery.state == Delivery.State.RECEIVED]
    with server_side_cursor() if connection.vendor == "postgresql" else connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        new, *asked = cursor.fetchone()
    return Kept(bool(new), asked == [True])


@cache
def _upsert(vendor: str) -> str:
    """Names of our own columns only; what Stripe sent is in the parameters: the row, then when it was received."""
    columns = [str(field.column) for field in Delivery._meta.concrete_fields]
    filled = ", ".join(
        f"{column} = CASE WHEN {_IS_EMPTY[vendor]} THEN excluded.{column} ELSE was.{column} END"
        for column in ("payload", "payload_hash", "payload_bytes", "request_id", "object_created_at")
    )
    one_more = with_one_more("was.arrivals", _THE_ARRIVAL[vendor], most=MOST_ARRIVALS, vendor=vendor)
    places = ", ".join(["%s"] * len(columns))
    return (
        f"INSERT INTO {Delivery._meta.db_table} AS was ({', '.join(columns)}) VALUES ({places}) "  # noqa: S608  # nosec B608  # names of our own columns
        f"ON CONFLICT (event_id) DO UPDATE SET attempts = was.attempts + 1, "
        f"arrivals = {one_more}, {filled} "
        # A row that was found elsewhere has its first arrival, and yet is not new.
        "RETURNING attempts = 1 AND received_at = %s AS new"
    )


_IS_EMPTY = {
    "postgresql": "was.payload IS NULL OR was.payload = '{}'::jsonb",
    "sqlite": "was.payload IS NULL OR was.payload = '{}'",
}
_THE_ARRIVAL = {"postgresql": "excluded.arrivals", "sqlite": "json_extract(excluded.arrivals, '$[0]')"}
