"""Whether access is at risk, and why, in one plain sentence with its reason after it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard import formatting
from dashboard.tables.invoices import lateness
from dashboard.tables.payment_methods import Warned
from dashboard.tables.payment_methods import name as method_name
from finances.models import Invoice
from finances.reads.access import Access, Standing
from finances.reads.customers import Amount

ENDED_BECAUSE = {
    "canceled_by_retention_policy": gettext_lazy("Stripe’s retention policy removed it"),
    "cancellation_requested": gettext_lazy("the cancellation was asked for"),
    "payment_failed": gettext_lazy("the payment failed"),
    "payment_disputed": gettext_lazy("the payment was disputed"),
}
ABOUT_A_METHOD = (Standing.NO_METHOD, Standing.METHOD_REMOVED, Standing.METHOD_EXPIRED)


@dataclass(frozen=True)
class ShownAccess:
    """`fact`: the sentence. `because`: what is behind it, may be empty. `loud`: drawn as a note, not as a line.

    `invoice`: the one that is not paid; the template says its tries and the next one. `failure`: of the last try.
    `end`: on which date access ends, where the sentence does not say it.
    """

    tone: str
    icon: str
    fact: str
    because: str = ""
    invoice: Invoice | None = None
    failure: str = ""
    loud: bool = True
    end: str = ""


def because_of_a_method(access: Access, warned: Iterable[Warned]) -> Warned | None:
    """The warning that says why the next charge is in doubt, where that is what access hangs on."""
    return (
        next((each for each in warned if each.tone == "warning"), None) if access.standing in ABOUT_A_METHOD else None
    )


def shown_access(
    access: Access, plans: Mapping[str, str], why: Warned | None, failure: str, now: datetime
) -> ShownAccess:
    """`plans`: what people call a subscription, by id. `why`: of `because_of_a_method`. `failure`: of the last try."""
    plan = plans.get(access.subscription.id, "") if access.subscription else ""
    it = plan or _("The subscription")
    on = formatting.day(access.at, now) if access.at else ""
    match access.standing:
        case Standing.DELETED:
            because = _("Nothing new will come; what is here is what we knew before.")
            return ShownAccess(
                "neutral",
                "person_off",
                _("This customer was deleted in Stripe, as we learned on %(date)s.") % {"date": on},
                because,
            )
        case Standing.UNPAID:
            fact = _("Access is at risk: %(plan)s is unpaid, and its retries are over.") % {"plan": it}
            because = _("Stripe charges nothing more by itself. It goes on once the open invoice is paid.")
            if access.invoice:
                because = _("Stripe charges nothing more by itself. It goes on once %(owed)s is paid.")
                because %= owed(access.invoice, now)
            return ShownAccess("negative", "error", fact, because, access.invoice, failure)
        case Standing.PAST_DUE | Standing.LATE_INVOICE if access.invoice:
            late = owed(access.invoice, now)
            said = (
                _("Access is at risk: %(owed)s is not paid, %(late)s.")
                if late["late"]
                else _("Access is at risk: %(owed)s is not paid.")
            )
            fact = said % late
            return ShownAccess("urgent", "priority_high", fact, "", access.invoice, failure)
        case Standing.PAST_DUE:
            fact = _("Access is at risk: %(plan)s is past due.") % {"plan": it}
            because = _("None of the invoices stored here says why; a resync may show it.")
            return ShownAccess("warning", "warning", fact, because)
        case Standing.INCOMPLETE:
            fact = _("Access has not begun: the first payment for %(plan)s failed or waits for the customer.")
            return ShownAccess("warning", "warning", fact % {"plan": it}, "", access.invoice, failure)
        case Standing.DELINQUENT:
            fact = _("Access may be at risk: Stripe calls this customer delinquent.")
            because = _("The last automatic payment failed, or a due date passed; no open invoice here is late.")
            return ShownAccess("warning", "warning", fact, because)
        case Standing.NO_METHOD | Standing.METHOD_REMOVED | Standing.METHOD_EXPIRED:
            said = _("Access is at risk from %(date)s.") if on else _("Access is at risk at the next charge.")
            return ShownAccess(
                "warning",
                "credit_card_off",
                said % {"date": on},
                f"{why.fact} {why.text}" if why else "",
            )
        case Standing.CANCELS:
            reason = access.subscription.cancellation_reason if access.subscription else ""
            fact = _("Access ends on %(date)s: %(plan)s is set to cancel.") % {"date": on, "plan": it}
            because = _("Reason: %(reason)s.") % {"reason": ENDED_BECAUSE[reason]} if reason in ENDED_BECAUSE else ""
            return ShownAccess("warning", "event_busy", fact, f"{because} {also(access)}".strip())
    return quiet(access, it, on)


def quiet(access: Access, plan: str, on: str) -> ShownAccess:
    """What nobody has to do anything about."""
    match access.standing:
        case Standing.PAUSED:
            fact = _("%(plan)s is paused: Stripe invoices nothing until it is resumed.") % {"plan": plan}
            return ShownAccess("neutral", "pause_circle", fact, also(access), loud=False)
        case Standing.COLLECTION_PAUSED:
            fact = _("Access is not at risk: %(plan)s runs, and collecting its money is paused.") % {"plan": plan}
            return ShownAccess("neutral", "pause_circle", fact, also(access), loud=False)
        case Standing.NEVER:
            return ShownAccess("neutral", "info", _("No access to lose: there never was a subscription."), loud=False)
        case Standing.ENDED:
            if access.subscription and access.subscription.status == "incomplete_expired":
                fact = _("Access never began: the first payment for %(plan)s was not made, and it expired on %(date)s.")
                fact %= {"plan": plan, "date": on or formatting.EN_DASH}
                return ShownAccess("neutral", "event_busy", fact, loud=False)
            reason = access.subscription.cancellation_reason if access.subscription else ""
            fact = _("Access has ended: %(plan)s ended on %(date)s.") % {"plan": plan, "date": on or formatting.EN_DASH}
            because = _("Reason: %(reason)s.") % {"reason": ENDED_BECAUSE[reason]} if reason in ENDED_BECAUSE else ""
            return ShownAccess("neutral", "event_busy", fact, because, loud=False)
    trial = access.subscription is not None and access.subscription.status == "trialing"
    fact = _("Access is not at risk.")
    if not on:
        return ShownAccess("positive", "check_circle", fact, also(access), loud=False)
    if access.method:
        said = (
            _("The trial ends on %(date)s, and %(method)s is charged.")
            if trial
            else _("The next charge is on %(date)s, to %(method)s.")
        )
        next_charge = said % {"date": on, "method": method_name(access.method)}
    else:
        said = _("The trial ends on %(date)s.") if trial else _("The next invoice is due on %(date)s.")
        next_charge = said % {"date": on}
    return ShownAccess("positive", "check_circle", fact, f"{next_charge} {also(access)}".strip(), loud=False)


def also(access: Access) -> str:
    """The worst one is spoken of; the others stand no worse."""
    if not access.others:
        return ""
    said = ngettext("%(count)s more subscription runs.", "%(count)s more subscriptions run.", access.others)
    return said % {"count": formatting.whole_number(access.others)}


def sums_in_words(sums: Iterable[Amount]) -> str:
    """`1,274.00 EUR, 90.00 USD`: two currencies are never added."""
    return ", ".join(formatting.amount(each.minor, each.currency) for each in sums if each.minor is not None)


def owed(invoice: Invoice, now: datetime) -> dict[str, str]:
    return {
        "owed": formatting.amount(invoice.amount_remaining, invoice.currency),
        "late": lateness(invoice, now),
    }
