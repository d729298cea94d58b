"""On which date what a subscription gives ends, as far as Stripe's data say."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from finances.reads.access import Access, Standing

FIRST_PAYMENT_WITHIN = timedelta(hours=23)


class Cause(StrEnum):
    """Why it ends then, or why no end is set."""

    ENDED = "ended"
    SET_TO_CANCEL = "set_to_cancel"
    TRIAL_CANCELS = "trial_cancels"  # it ends without a method, and by its settings Stripe cancels it
    TRIAL_PAUSES = "trial_pauses"
    TRIAL_UNPAID = "trial_unpaid"  # and Stripe makes an invoice that nothing can pay
    WILL_FAIL = "will_fail"  # the next charge has nothing that could be charged
    NEXT_TRY = "next_try"  # what comes after the last one is set in Stripe and in no API
    LEFT_PAST_DUE = "left_past_due"  # no further try, and Stripe has neither cancelled it nor marked it unpaid
    UNPAID = "unpaid"
    FIRST_PAYMENT = "first_payment"
    PAUSED = "paused"
    RENEWS = "renews"


TRIALS = {"cancel": Cause.TRIAL_CANCELS, "pause": Cause.TRIAL_PAUSES}
"""By Stripe's `trial_settings.end_behavior.missing_payment_method`; else an invoice is made."""


@dataclass(frozen=True)
class AccessEnd:
    """`at`: of ENDED, SET_TO_CANCEL and the trials the end; of UNPAID since when nothing is paid for; of FIRST_PAYMENT
    when it expires; of the others the next charge or try. None where nobody knows."""

    cause: Cause
    at: datetime | None = None


def access_end(access: Access, trial_without_method: str, now: datetime) -> AccessEnd | None:
    """Of the subscription of `access`; None where it is about none. `trial_without_method`: cancel, pause or
    create_invoice, empty where Stripe's answer is not here. No query."""
    it = access.subscription
    if it is None:
        return None
    match access.beside or access.standing:
        case Standing.ENDED:
            return AccessEnd(Cause.ENDED, access.at)
        case Standing.CANCELS:
            return AccessEnd(Cause.SET_TO_CANCEL, access.at)
        case Standing.NO_METHOD | Standing.METHOD_REMOVED if it.status == "trialing":
            return AccessEnd(TRIALS.get(trial_without_method, Cause.TRIAL_UNPAID), it.trial_ends_at or access.at)
        case Standing.NO_METHOD | Standing.METHOD_REMOVED | Standing.METHOD_EXPIRED:
            return AccessEnd(Cause.WILL_FAIL, access.at)
        case Standing.PAST_DUE:
            return _of_a_past_due(access, now)
        case Standing.UNPAID:
            # Without a time in which it was paid for, it never was.
            return AccessEnd(Cause.UNPAID, it.paying_until or it.trial_ends_at or it.created_at)
        case Standing.INCOMPLETE:
            return AccessEnd(Cause.FIRST_PAYMENT, it.created_at + FIRST_PAYMENT_WITHIN)
        case Standing.PAUSED:
            return AccessEnd(Cause.PAUSED)
    return AccessEnd(Cause.RENEWS, it.current_period_end)


def _of_a_past_due(access: Access, now: datetime) -> AccessEnd | None:
    if access.invoice is None:  # none that is stored says why it is past due
        return None
    next_try = access.invoice.next_attempt_at
    return AccessEnd(Cause.NEXT_TRY, next_try) if next_try and next_try > now else AccessEnd(Cause.LEFT_PAST_DUE)
