"""One object's deliveries: read it from Stripe, mirror it, record what came of it."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from finances import mirror, scopes
from finances.gateway import PATHS, Gateway
from finances.incidents import log_incident
from finances.models import Delivery, Discount
from finances.stripe_problems import ScopeMissing, Stopped, StripeProblem
from finances.webhooks.claiming import Claimed, hand_back, renew
from finances.webhooks.settling import in_words, put_off, settle

logger = logging.getLogger(__name__)
Clock = Callable[[], datetime]

TRIES = 2
"""Of a call: the delivery itself is tried again, with longer pauses."""


class Found(NamedTuple):
    """An object that a list had, fetched after `ticket` was taken."""

    data: dict[str, Any]
    ticket: int
    at: datetime


def process(
    claimed: Claimed,
    clock: Clock,
    *,
    gateway: Gateway | None = None,
    found: Found | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Read the object, unless it was `found`, and mirror it. Whether that went; the outcome is recorded in any case.

    Where `stop` says so while it waits for Stripe, or the gateway's own does, it is handed back, and no try is counted.
    """
    claimed = _with_what_holds_it(claimed)
    if why_not := _cannot_be_read(claimed):
        settle([claimed], clock(), state=Delivery.State.IGNORED, outcome=why_not, calls=0)
        return True
    gateway = gateway or Gateway(tries=TRIES, beat=lambda: renew([claimed], clock()), stop=stop)
    calls_before = gateway.calls

    def keep(written: list[mirror.Written]) -> None:
        outcome = _in_words(written)
        settle(
            [claimed],
            clock(),
            state=Delivery.State.PROCESSED,
            outcome=outcome,
            calls=gateway.calls - calls_before,
        )

    sentence, advice, detail, by_stripe = "", "", "", False
    try:
        if found:
            mirror.write(gateway, claimed.object_type, [found.data], ticket=found.ticket, now=found.at, within=keep)
        else:
            mirror.read_and_write(gateway, claimed.object_type, claimed.object_id, now=clock(), within=keep)
    except Stopped:
        hand_back([claimed])
        return False
    except StripeProblem as problem:
        sentence, advice, detail, by_stripe = problem.sentence, problem.advice, problem.code, True
        if isinstance(problem, ScopeMissing):
            scopes.refused(problem.type, sentence, advice, clock())
    except mirror.DoesNotFit as misfit:
        sentence = misfit.sentence
    except Exception as error:
        # A bug or a shape that we do not know: the other objects go on, and this one waits for a person.
        log_incident(logger, f"Delivery of {claimed.object_id} could not be processed", error)
        sentence = f"Paydesk could not store what Stripe answered ({type(error).__name__})."
    if not sentence and any(fence > 1 for fence in claimed.claims.values()):
        # Not its first try: what failed then may have been the key's right to read it.
        scopes.allowed([claimed.object_type])
    if sentence:
        calls = gateway.calls - calls_before
        put_off(claimed, clock(), sentence=sentence, advice=advice, detail=detail, calls=calls, by_stripe=by_stripe)
    return not sentence


def _cannot_be_read(claimed: Claimed) -> str:
    kind = claimed.object_type.replace("_", " ") or "nameless object"
    if not claimed.object_id:
        return f"The {kind} in it has no id to read it by."
    if claimed.object_type not in mirror.TYPES:
        return f"Paydesk keeps no {kind}s."
    if claimed.object_type not in PATHS:
        return f"A {kind} has no address to read it by: a resync of what it is on reads it."
    return ""


def _with_what_holds_it(claimed: Claimed) -> Claimed:
    """Stripe has no address for a discount: what is read is the subscription or the customer that it is on."""
    if claimed.object_type != "discount":
        return claimed
    delivery = Delivery.objects.only("payload", "customer_id").get(pk=min(claimed.claims))
    discount = ((delivery.payload or {}).get("data") or {}).get("object") or {}
    if delivery.payload is None:  # pruned: what we hold of the discount, else whose it was
        row = Discount.objects.filter(pk=claimed.object_id).values("subscription_id", "customer_id").first()
        discount = {name.removesuffix("_id"): id or None for name, id in (row or {}).items()}
        discount = discount if any(discount.values()) else {"customer": delivery.customer_id or None}
    for holder in ("subscription", "customer"):
        held = discount.get(holder)
        if isinstance(object_id := held.get("id") if isinstance(held, dict) else held, str):
            return claimed._replace(object_type=holder, object_id=object_id)
    return claimed


def _in_words(written: list[mirror.Written]) -> str:
    text, others = in_words(written[0]), [it for it in written[1:] if it.outcome in {"new", "changed"}]
    if others:
        text += f"; {len(others)} more came along"
    return f"{text}."
