"""An object as it was seen on a date: from the states that were kept, honest about when each was seen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from finances.differences import differences
from finances.models import ObjectVersion
from finances.reads.history import History, history_of

MOST = 400
"""States of one object whose times are looked at, the newest of them."""
CHANGES = 12


@dataclass(frozen=True)
class Seen:
    """One state. `seen_at`: when it was first seen. `until`: when the next one that differs was; None for the last.

    Between `seen_at` and `until` nobody saw another state; Stripe may have had one for a while.
    """

    seen_at: datetime
    until: datetime | None
    stripe_data: dict[str, Any]

    @property
    def deleted(self) -> bool:
        return self.stripe_data.get("deleted") is True


@dataclass(frozen=True)
class AsItWas:
    """`then`: None before the first state that was seen (`first_seen`). `beside`: the state to hold it against.

    `more`: there are older states than those looked at. `differences`: as `finances.differences` gives them.
    """

    then: Seen | None
    beside: Seen | None
    first_seen: datetime | None
    states: int
    more: bool
    history: History

    @property
    def differences(self) -> list[dict[str, Any]]:
        if self.then is None or self.beside is None:
            return []
        return differences(self.then.stripe_data, self.beside.stripe_data)


def as_it_was(object_id: str, at: datetime, beside: datetime | None = None) -> AsItWas:
    """The state at `at`, and the one at `beside` (None: the latest). Three queries."""
    versions = ObjectVersion.objects.filter(object_id=object_id).order_by("-ticket")
    stamps = list(versions.values_list("ticket", "seen_at")[: MOST + 1])
    more, stamps = len(stamps) > MOST, stamps[:MOST]
    wanted = {at: _place(stamps, at), beside: 0 if beside is None else _place(stamps, beside)}
    tickets = {stamps[place][0] for place in wanted.values() if place is not None and stamps}
    data = dict(versions.filter(ticket__in=tickets).values_list("ticket", "stripe_data"))

    def seen(moment: datetime | None) -> Seen | None:
        place = wanted[moment]
        if place is None or not stamps:
            return None
        ticket, seen_at = stamps[place]
        stripe_data = data.get(ticket)
        return Seen(
            seen_at, stamps[place - 1][1] if place else None, stripe_data if isinstance(stripe_data, dict) else {}
        )

    return AsItWas(
        then=seen(at),
        beside=seen(beside),
        first_seen=stamps[-1][1] if stamps else None,
        states=len(stamps),
        more=more,
        history=history_of(list(versions[: CHANGES + 2])),
    )


def _place(stamps: list[tuple[int, datetime]], at: datetime) -> int | None:
    """Of the newest state that was seen by then; None where none was."""
    return next((place for place, (_, seen_at) in enumerate(stamps) if seen_at <= at), None)
