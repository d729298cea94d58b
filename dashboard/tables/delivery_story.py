"""What happened to one delivery, step by step: how Stripe delivered it, and how it was processed here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext

from dashboard.formatting import duration, whole_number
from finances.models import Delivery

TRIES = (
    "",
    gettext_lazy("first try"),
    gettext_lazy("second try"),
    gettext_lazy("third try"),
    gettext_lazy("fourth try"),
    gettext_lazy("fifth try"),
    gettext_lazy("sixth try"),
    gettext_lazy("seventh try"),
    gettext_lazy("eighth try"),
)
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
        return _("Never delivered by Stripe")
    return _("Sent by Stripe, %(times)s") % {"times": times(delivery.attempts)}


def times(count: int) -> str:
    if count == 2:
        return _("twice")
    return npgettext("so often", "once", "%(times)s times", count) % {"times": whole_number(count)}


def _processed(delivery: Delivery, tries: int) -> str:
    """`tries`: those that have ended, those before a replay too, which sets the delivery's own count back."""
    match delivery.state:
        case State.PROCESSING:
            return _("Being processed, %(nth_try)s") % {"nth_try": _nth_try(tries + 1)}
        case State.WAITING:
            return _("Waits for its %(nth_try)s") % {"nth_try": _nth_try(tries + 1)}
        case State.RECEIVED if tries:
            return _("Waits to be processed again, tried %(times)s before") % {"times": times(tries)}
        case State.RECEIVED:
            return _("Not yet processed here")
        case State.QUARANTINED if tries:
            return _("Tried here, %(times)s") % {"times": times(tries)}
        case State.IGNORED if tries:
            return _("Looked at here, %(nth_try)s") % {"nth_try": _nth_try(tries)}
        case State.IGNORED | State.QUARANTINED:
            return _("Not processed here")
    return _("Processed here, %(nth_try)s") % {"nth_try": _nth_try(tries)} if tries else _("Processed here")


def _nth_try(number: int) -> str:
    return str(TRIES[number]) if number < len(TRIES) else _("try %(number)s") % {"number": number}


def _arrival(entry: dict[str, Any], *, first: bool, delivery: Delivery) -> Step:
    previous = entry.get("signed_with") == "previous"
    age = entry.get("age")
    came = [_("kept") if first and not delivery.found_by_id else _("known already, counted")]
    if isinstance(age, int | float) and not isinstance(age, bool):
        came.append(_age(age))
    headers = entry.get("headers")
    facts = [(_("From"), str(entry["from"]))] if entry.get("from") else []
    facts += [(str(name), str(value)) for name, value in headers.items()] if isinstance(headers, dict) else []
    return Step(
        tone="warning" if previous else "positive" if first else "neutral",
        fact=_("Signature good, previous secret") if previous else _("Signature good, current secret"),
        detail=", ".join(came),
        at=_moment(entry.get("at")),
        facts=tuple(facts),
    )


def _age(seconds: float) -> str:
    whole = round(abs(seconds))
    if not whole:
        return _("signed in the same second")
    said = _("signed %(time)s before") if seconds > 0 else _("signed %(time)s after")
    return said % {"time": duration(timedelta(seconds=whole), whole=True)}


def _try(entry: dict[str, Any], delivery: Delivery) -> Step:
    error = str(entry.get("error") or "")
    calls, spent = entry.get("calls"), entry.get("ms")
    detail = [_("worker %(name)s") % {"name": entry["worker"]}] if entry.get("worker") else []
    if isinstance(spent, int | float):
        detail.append(_("%(number)s ms") % {"number": whole_number(round(spent))})
    if isinstance(calls, int):
        detail.append(ngettext("%(calls)s call", "%(calls)s calls", calls) % {"calls": whole_number(calls)})
    return Step(
        tone="warning" if error else "positive",
        fact=error or " ".join(filter(None, (_("It went through."), str(entry.get("outcome") or "")))),
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
