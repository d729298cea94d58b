"""How a try ends: settled for good, put off to a later one, or in quarantine. One UPDATE records all of it."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from finances import mirror, nouns
from finances.models import Delivery
from finances.webhooks.claiming import MOST_TRIES, Claimed, held
from finances.webhooks.outages import stripe_answered_nobody
from finances.webhooks.replay import note_results
from finances.webhooks.tries import Appended, this_worker

State = Delivery.State
JITTER = 0.2
"""The part of a pause by which it varies: what failed together need not come back together."""

BY_ITSELF = gettext_lazy("It is taken up by itself when Stripe answers again.")

OUTCOMES = {
    mirror.Outcome.NEW: gettext_lazy("%(thing)s new here"),
    mirror.Outcome.CHANGED: gettext_lazy("%(thing)s changed"),
    mirror.Outcome.SAME: gettext_lazy("%(thing)s unchanged: the same state was here already"),
    mirror.Outcome.GONE: gettext_lazy("%(thing)s gone from Stripe"),
    mirror.Outcome.UNKNOWN: gettext_lazy("%(thing)s gone from Stripe before it was read"),
    mirror.Outcome.STALE: gettext_lazy("%(thing)s left alone: a newer state was here already"),
}


def in_words(written: mirror.Written) -> str:
    return str(OUTCOMES[written.outcome]) % {"thing": capfirst(nouns.one(written.type))}


def settle(claimed: Sequence[Claimed], now: datetime, *, state: str, outcome: str, calls: int) -> None:
    """For good. Inside the transaction that wrote the object, if one did: both are there afterwards, or neither."""
    with transaction.atomic(savepoint=False):
        results = _to_note(claimed)
        held(claimed).update(
            state=state,
            outcome=outcome,
            reason="",
            processed_at=now,
            lease_until=None,
            next_try_at=None,
            # Here too: a replay empties the row's own, and what the event did first must stay.
            try_log=_entry(claimed, now, calls, outcome=outcome),
        )
        if results:
            note_results(results, state, outcome, now)


def pause(tries: int) -> float:
    """Seconds from the end of so many tries to the next one, before they are varied by JITTER."""
    return min(3600, 2 * 3 ** (tries - 1))


ALL_PAUSES = timedelta(seconds=sum(pause(tries) for tries in range(1, MOST_TRIES)))
"""From the first try to the last one, if each fails at once; on average, as pauses vary."""
SHORTEST_PAUSES = ALL_PAUSES * (1 - JITTER)
"""The least that it can be. Stripe may have answered others just before the first try."""


def put_off(
    claimed: Claimed,
    now: datetime,
    *,
    sentence: str,
    advice: str = "",
    detail: str = "",
    calls: int,
    by_stripe: bool = False,
) -> None:
    """A later try with a growing pause, and after the last one a place where a person sees it.

    `by_stripe`: it was a call that failed. Where Stripe answered nobody else either, the event is taken up by itself
    when it does (`outages`).
    """
    reason = f"{sentence} {advice}".strip()
    entry = _entry([claimed], now, calls, error=sentence, detail=detail)
    with transaction.atomic():
        results = _to_note([claimed], tries__gte=MOST_TRIES)
        last = held([claimed]).filter(tries__gte=MOST_TRIES)
        by_itself = by_stripe and last.exists() and stripe_answered_nobody(since=now - SHORTEST_PAUSES)
        why = f"{reason} {BY_ITSELF}" if by_itself else reason
        last.update(
            state=State.QUARANTINED,
            reason=why,
            processed_at=now,
            lease_until=None,
            next_try_at=now if by_itself else None,
            try_log=entry,
        )
        if results:
            note_results(results, State.QUARANTINED, why, now)
        for tries in set(held([claimed]).values_list("tries", flat=True)):
            seconds = pause(tries) * random.uniform(1 - JITTER, 1 + JITTER)
            held([claimed]).filter(tries=tries).update(
                state=State.WAITING,
                reason=reason,
                lease_until=None,
                next_try_at=now + timedelta(seconds=seconds),
                try_log=entry,
            )


def _entry(claimed: Sequence[Claimed], now: datetime, calls: int, **said: str) -> Appended:
    began = claimed[0].at
    spent = round((now - began).total_seconds() * 1000)
    return Appended(at=began, worker=this_worker(), ms=spent, calls=calls, **said)


def _to_note(claimed: Sequence[Claimed], **more: int) -> list[str]:
    """Those of the deliveries that are ours still and that a replay waits for. No query where there are none."""
    replayed = [event_id for each in claimed for event_id in each.replayed]
    if not replayed:
        return []
    return list(held(claimed).filter(pk__in=replayed, **more).values_list("pk", flat=True))
