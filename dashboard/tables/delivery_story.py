"""What happened to one delivery, step by step: how Stripe delivered it, and how it was processed here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dashboard.formatting import duration, whole_number
from finances.models import Delivery

NUMBERS = ("", "once", "twice")
ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
State = Delivery.State


@dataclass(frozen=True)
class Step:
    """`fact` and under it `detail`; `code`: in a machine's words; `facts`: name and value, folded away."""

    tone: str
    fact: str
    detail: str
    at: datetime | None
    facts: tuple[tuple[str, str], ...] = ()
    code: str = ""


@dataclass(frozen=True)
class Story:
    """`..._earlier`: how many are no longer written down one by one. `outcome`: where no step says it."""

    sent: str
    arrivals: list[Step]
    arrivals_earlier: int
    processed: str
    tries: list[Step]
    tries_earlier: int
    outcome: str


def story(delivery: Delivery) -> Story:
    arrivals, tries = _entries(delivery.arrivals), _entries(delivery.try_log)
    earlier = max(0, delivery.attempts - len(arrivals))
    # A try counts from its beginning and is written down at its end.
    ended = delivery.tries - (delivery.state == State.PROCESSING)
    return Story(
        sent=_sent(delivery),
        arrivals=[
            _arrival(entry, first=number == 0 and not earlier, delivery=delivery)
            for number, entry in enumerate(arrivals)
        ],
        arrivals_earlier=earlier,
        processed=_processed(delivery, max(ended, len(tries))),
        tries=[_try(entry, delivery) for entry in tries],
        tries_earlier=max(0, ended - len(tries)),
        outcome="" if any(entry.get("outcome") == delivery.outcome for entry in tries) else delivery.outcome,
    )


def _entries(stored: Any) -> list[dict[str, Any]]:
    return [entry for entry in stored if isinstance(entry, dict)] if isinstance(stored, list) else []


def _sent(delivery: Delivery) -> str:
    if not delivery.attempts:
        return "Never delivered by Stripe"
    return f"Sent by Stripe, {times(delivery.attempts)}"


def times(count: int) -> str:
    return NUMBERS[count] if 0 < count < len(NUMBERS) else f"{whole_number(count)} times"


def _processed(delivery: Delivery, tries: int) -> str:
    """`tries`: those that have ended, those before a replay too, which sets the delivery's own count back."""
    match delivery.state:
        case State.PROCESSING:
            return f"Being processed, {_nth_try(tries + 1)}"
        case State.WAITING:
            return f"Waits for its {_nth_try(tries + 1)}"
        case State.RECEIVED if tries:
            return f"Waits to be processed again, tried {times(tries)} before"
        case State.RECEIVED:
            return "Not yet processed here"
        case State.QUARANTINED if tries:
            return f"Tried here, {times(tries)}"
        case State.IGNORED if tries:
            return f"Looked at here, {_nth_try(tries)}"
        case State.IGNORED | State.QUARANTINED:
            return "Not processed here"
    return f"Processed here, {_nth_try(tries)}" if tries else "Processed here"


def _nth_try(number: int) -> str:
    return f"{ORDINALS[number]} try" if number < len(ORDINALS) else f"try {number}"


def _arrival(entry: dict[str, Any], *, first: bool, delivery: Delivery) -> Step:
    signed_with = "previous" if entry.get("signed_with") == "previous" else "current"
    age = entry.get("age")
    aged = f", {_age(age)}" if isinstance(age, int | float) and not isinstance(age, bool) else ""
    came = "kept" if first and not delivery.found_by_id else "known already, counted"
    headers = entry.get("headers")
    facts = [("From", str(entry["from"]))] if entry.get("from") else []
    facts += [(str(name), str(value)) for name, value in headers.items()] if isinstance(headers, dict) else []
    return Step(
        tone="warning" if signed_with == "previous" else "positive" if first else "neutral",
        fact=f"Signature good, {signed_with} secret",
        detail=f"{came}{aged}",
        at=_moment(entry.get("at")),
        facts=tuple(facts),
    )


def _age(seconds: float) -> str:
    whole = round(abs(seconds))
    if not whole:
        return "signed in the same second"
    return f"signed {duration(timedelta(seconds=whole)).replace('.0 s', ' s')} {'before' if seconds > 0 else 'after'}"


def _try(entry: dict[str, Any], delivery: Delivery) -> Step:
    error = str(entry.get("error") or "")
    calls, spent = entry.get("calls"), entry.get("ms")
    detail = [f"worker {entry['worker']}"] if entry.get("worker") else []
    if isinstance(spent, int | float):
        detail.append(f"{whole_number(round(spent))} ms")
    if isinstance(calls, int):
        detail.append(f"{whole_number(calls)} call{'' if calls == 1 else 's'}")
    return Step(
        tone="warning" if error else "positive",
        fact=error or " ".join(filter(None, ("It went through.", str(entry.get("outcome") or "")))),
        detail=", ".join(detail),
        at=_moment(entry.get("at")),
        code=str(entry.get("detail") or ""),
    )


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None


def differs_from_ours(version: str, ours: str) -> bool:
    """An event that was written at another API version than the one that objects are read at."""
    return bool(version) and version != ours
