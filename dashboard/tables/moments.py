"""One timeline in words: money, contracts, Stripe's events, and what people did here."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.formatting import console_link, word
from dashboard.tables.failures import OF_DECLINE_CODE, failure_in_words
from dashboard.tables.timeline import Day, Happening, by_day, of_event
from dashboard.trail.actions import ACTIONS
from finances.reads.moments import Moment

PLAIN = {
    "invoice_issued": ("info", gettext_lazy("Invoice issued")),
    "invoice_paid": ("positive", gettext_lazy("Invoice paid")),
    "refund": ("neutral", gettext_lazy("Refund")),
    "dispute": ("urgent", gettext_lazy("Payment disputed")),
    "credit_note": ("neutral", gettext_lazy("Credit note issued")),
    "customer_created": ("info", gettext_lazy("Customer created")),
    "subscription_started": ("info", gettext_lazy("Subscription started")),
    "cancellation_asked": ("warning", gettext_lazy("Cancellation asked for")),
    "subscription_ended": ("negative", gettext_lazy("Subscription ended")),
}
CHARGES = {
    "succeeded": ("positive", gettext_lazy("Payment succeeded")),
    "failed": ("negative", gettext_lazy("Payment failed")),
    "pending": ("info", gettext_lazy("Payment on its way")),
}


def shown_timeline(moments: Iterable[Moment], names: Mapping[str, str], now: datetime) -> list[Day]:
    """Newest first, by the viewer's days. `names`: what people call subscriptions, by id."""
    return by_day((happening(each, names) for each in moments), now)


def happening(it: Moment, names: Mapping[str, str]) -> Happening:
    match it.kind:
        case "event":
            return of_event(it.at, it.key, it.name, it.status, it.changed)
        case "staff":
            return of_person(it)
        case "charge":
            return of_charge(it)
    tone, words = PLAIN.get(it.kind) or ("neutral", word(it.kind))
    detail = ""
    if it.kind == "refund":
        tone = "negative" if it.status == "failed" else tone
        detail = "" if it.status == "succeeded" else word(it.status)
    elif it.kind == "dispute":
        detail = word(it.status)
    elif it.kind.startswith(("subscription", "cancellation")):
        detail = names.get(it.key, "")
    elif it.status == "void":
        detail = _("voided since")
    return Happening(
        at=it.at,
        tone=tone,
        words=f"{words} {it.name}".strip() if it.kind.startswith(("invoice", "credit")) else str(words),
        detail=detail,
        href=console_link(it.key) or console_link(it.about),
        title=it.key,
        amount=it.amount,
        currency=it.currency,
    )


def of_charge(it: Moment) -> Happening:
    tone, words = CHARGES.get(it.status) or ("neutral", _("Payment"))
    code = it.name if it.status == "failed" else ""
    failure = failure_in_words("", code) if code in OF_DECLINE_CODE else failure_in_words(code, "")
    href = console_link(it.about or it.key)
    return Happening(
        it.at, tone, str(words), "", href, it.key, failure.sentence if code else "", it.amount, it.currency
    )


def of_person(it: Moment) -> Happening:
    """`by` whom; a command or a worker has no name."""
    words = str(ACTIONS.get(it.status, word(it.status.removeprefix("paydesk.").replace(".", " "))))
    who = _("by %(name)s") % {"name": it.name} if it.name else _("by a command")
    return Happening(it.at, "neutral", words, who, reverse("console:resync", args=[it.about]) if it.about else "")
