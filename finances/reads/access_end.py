"""On which date what a subscription gives ends, as far as Stripe's data say."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.db.models import DateTimeField, Max, Subquery, Value
from django.db.models.functions import Coalesce

from finances.models import Invoice, InvoiceLine
from finances.reads.access import Access, Standing

FIRST_PAYMENT_WITHIN = timedelta(hours=23)
BILLS_A_PERIOD = ("subscription_create", "subscription_cycle")
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


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


def access_end(
    access: Access, trial_without_method: str, now: datetime, unpaid_since: datetime | None = None
) -> AccessEnd | None:
    """Of the subscription of `access`; None where it is about none. `trial_without_method`: cancel, pause or
    create_invoice, empty where Stripe's answer is not here. `unpaid_since`: of `first_unpaid_period`. No query."""
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
            return AccessEnd(Cause.UNPAID, unpaid_since or it.paying_until)
        case Standing.INCOMPLETE:
            return AccessEnd(Cause.FIRST_PAYMENT, it.created_at + FIRST_PAYMENT_WITHIN)
        case Standing.PAUSED:
            return AccessEnd(Cause.PAUSED)
    return AccessEnd(Cause.RENEWS, it.current_period_end)


def first_unpaid_period(access: Access) -> datetime | None:
    """Of a subscription that is unpaid, the start of the first period that nobody paid, after the last that was paid.

    `paying_until` is the start of the present one, and Stripe goes on renewing. None of any other, and where no line of
    such an invoice is here. One query; none for any other.
    """
    if access.subscription is None or access.standing != Standing.UNPAID:
        return None
    own = Invoice.objects.filter(subscription_id=access.subscription.id, deleted_at=None)
    paid = own.filter(status="paid", billing_reason__in=BILLS_A_PERIOD).order_by("-created_at", "-id")
    unpaid = own.filter(status__in=("open", "uncollectible"), amount_remaining__gt=0)
    after = Coalesce(Subquery(paid.values("created_at")[:1]), Value(BEGINNING, DateTimeField()))
    first = unpaid.filter(created_at__gt=after).order_by("created_at", "id").values("id")[:1]
    # Use is billed for the period before: the latest start is that of the period which the invoice opens.
    lines = InvoiceLine.objects.filter(invoice_id=Subquery(first), proration=False)
    return lines.aggregate(since=Max("starts_at"))["since"]


def _of_a_past_due(access: Access, now: datetime) -> AccessEnd | None:
    if access.invoice is None:  # none that is stored says why it is past due
        return None
    next_try = access.invoice.next_attempt_at
    return AccessEnd(Cause.NEXT_TRY, next_try) if next_try and next_try > now else AccessEnd(Cause.LEFT_PAST_DUE)
