"""When access ends, in one plain sentence."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from dashboard import formatting
from finances.reads.access import Access
from finances.reads.access_end import AccessEnd, Cause

# Of what is past due, its tries and the next one stand before the sentence.
SENTENCES: Mapping[Cause, Any] = {
    Cause.ENDED: gettext_lazy("Access ended on %(date)s."),
    Cause.SET_TO_CANCEL: gettext_lazy("Access ends on %(date)s: it is set to cancel then."),
    Cause.TRIAL_CANCELS: gettext_lazy(
        "Access ends on %(date)s: the trial ends without a payment method, and Stripe cancels it then."
    ),
    Cause.TRIAL_PAUSES: gettext_lazy(
        "Access ends on %(date)s: the trial ends without a payment method, and Stripe pauses it then."
    ),
    Cause.TRIAL_UNPAID: gettext_lazy(
        "Access is paid for by nothing from %(date)s: the trial ends without a payment method, "
        "and the invoice that Stripe makes then stays open."
    ),
    Cause.WILL_FAIL: gettext_lazy(
        "Access is paid for until %(date)s. No end is set, but the next charge fails unless a method is added."
    ),
    Cause.NEXT_TRY: gettext_lazy(
        "What Stripe does after the last try (cancel it, leave it unpaid or past due) is a setting that it does not "
        "tell us."
    ),
    Cause.LEFT_PAST_DUE: gettext_lazy("It stays past due until it is paid or somebody decides."),
    Cause.UNPAID: gettext_lazy("Access is not paid for since %(date)s. Stripe does not end it by itself."),
    Cause.FIRST_PAYMENT: gettext_lazy("It expires on %(date)s unless the first payment is made."),
    Cause.PAUSED: gettext_lazy("No end is set: it is paused, and nothing is paid for meanwhile."),
    Cause.RENEWS: gettext_lazy("No end is set: it renews on %(date)s."),
}
UNDATED: Mapping[Cause, Any] = {
    Cause.ENDED: gettext_lazy("Access has ended."),
    Cause.WILL_FAIL: gettext_lazy("No end is set, but the next charge fails unless a method is added."),
    Cause.UNPAID: gettext_lazy("Access is not paid for. Stripe does not end it by itself."),
    Cause.RENEWS: gettext_lazy("No end is set."),
}
"""Where nobody knows the date."""

SAID_ALREADY = frozenset({Cause.ENDED, Cause.SET_TO_CANCEL, Cause.PAUSED, Cause.RENEWS})
"""By the sentence about a customer's access."""


def in_words(end: AccessEnd | None, now: datetime) -> str:
    """Empty where nothing is known."""
    if end is None:
        return ""
    if end.at is None:
        return str(UNDATED.get(end.cause, SENTENCES[end.cause])) % {"date": formatting.EN_DASH}
    return SENTENCES[end.cause] % {"date": formatting.day(end.at, now)}


def beside_access(end: AccessEnd | None, access: Access, now: datetime) -> str:
    """What a customer's sentence, which is about `access`, does not say."""
    said = end is None or (end.cause in SAID_ALREADY and access.beside is None)
    return "" if said else in_words(end, now)
