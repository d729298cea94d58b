"""How an invoice came to be paid, or not: its tries, and one sentence about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.formatting import day
from dashboard.tables import payments
from dashboard.tables.failures import Failure
from dashboard.tables.invoices import days, days_late, issued_at
from finances.models import Invoice, InvoicePayment
from finances.reads.invoice import InvoicePage, Try
from finances.reads.payments import standing_of

LINK_KINDS = {
    "payment_intent": gettext_lazy("Payment"),
    "charge": gettext_lazy("Charge"),
    "payment_record": gettext_lazy("Paid outside Stripe"),
}


@dataclass(frozen=True)
class ShownTry:
    """`number`: 1 for the first charge; 0 for a payment that was begun and charged nothing."""

    it: Try
    number: int
    word: str
    tone: str
    failure: Failure | None
    waiting: str
    method: payments.Method | None
    amount: int
    currency: str
    payment_id: str


@dataclass(frozen=True)
class ShownLink:
    """`payment_id` may be empty: of what was paid outside Stripe."""

    link: InvoicePayment
    kind: str
    payment_id: str


def shown_tries(tries: Sequence[Try]) -> list[ShownTry]:
    """Newest first, as they come."""
    shown, number = [], sum(each.charge is not None for each in tries)
    for each in tries:
        charge, payment = each.charge, each.payment
        it = charge or payment
        if it is None:
            continue
        word, tone = payments.standing(standing(each))
        shown.append(
            ShownTry(
                it=each,
                number=number if charge else 0,
                word=word,
                tone=tone,
                failure=payments.of_charge(charge) if charge and charge.status == "failed" else None,
                waiting=str(payments.WAITING.get(payment.status, "")) if payment and not charge else "",
                method=payments.method(charge),
                amount=it.amount,
                currency=it.currency,
                payment_id=payment.id if payment else it.id,
            )
        )
        number -= charge is not None
    return shown


def standing(it: Try) -> str:
    """A charge's own status, with what happened to its money later; of a payment without one, the payment's."""
    charge, payment = it.charge, it.payment
    if charge is None:
        return standing_of(payment, None) if payment else ""
    if charge.status == "succeeded":
        if charge.disputed:
            return "disputed"
        if charge.amount_refunded:
            return "refunded" if charge.refunded else "partially_refunded"
    return "processing" if charge.status == "pending" else charge.status


def shown_links(links: Sequence[InvoicePayment]) -> list[ShownLink]:
    return [
        ShownLink(
            each, str(LINK_KINDS.get(each.payment_type) or each.payment_type), each.payment_intent_id or each.charge_id
        )
        for each in links
    ]


def story(page: InvoicePage, now: datetime) -> str:
    """How it came to be paid or not, in one sentence or two."""
    match page.invoice.status:
        case "paid":
            return paid(page, now)
        case "open":
            return unpaid(page, now)
        case "draft":
            at = page.paper.finalizes_at
            if at:
                return _("A draft: Stripe issues it on %(date)s.") % {"date": day(at, now)}
            return _("A draft: it was not issued yet.")
        case "void":
            at = page.paper.voided_at
            if at:
                return _("Voided on %(date)s: nothing is to be paid any more.") % {"date": day(at, now)}
            return _("Voided: nothing is to be paid any more.")
        case "uncollectible":
            return written_off(page, now)
    return ""


def written_off(page: InvoicePage, now: datetime) -> str:
    at = page.paper.uncollectible_at
    if at and failed(page):
        said = _("Written off on %(date)s after %(failed)s; the customer can still pay it.")
    elif at:
        said = _("Written off on %(date)s; the customer can still pay it.")
    elif failed(page):
        said = _("Written off after %(failed)s; the customer can still pay it.")
    else:
        said = _("Written off; the customer can still pay it.")
    return said % {"date": day(at, now) if at else "", "failed": tries_failed(failed(page))}


def paid(page: InvoicePage, now: datetime) -> str:
    invoice, paper = page.invoice, page.paper
    facts = {"when": timing(invoice)}
    if invoice.amount_paid and paper.out_of_band >= invoice.amount_paid:
        return _("Paid outside Stripe and marked as paid %(when)s.") % facts
    if not invoice.amount_paid:
        return _("Paid with nothing to charge: %(why)s.") % {"why": why_nothing(page)}
    good = next((each.charge for each in page.tries if each.charge and each.charge.status == "succeeded"), None)
    if good is None:
        return _("Paid %(when)s; the payment itself is not stored here.") % facts
    method = payments.method(good)
    facts["method"] = f"{method.name} {method.last4}".rstrip() if method else ""
    bad = [each.charge for each in page.tries if each.charge and each.charge.status == "failed"]
    if invoice.collection_method == "send_invoice":
        said = _("The customer paid it %(when)s, with %(method)s.") if method else _("The customer paid it %(when)s.")
        return said % facts
    if not bad:
        said = (
            _("Paid at the first try, %(when)s, with %(method)s.") if method else _("Paid at the first try, %(when)s.")
        )
        return said % facts
    said = _("Paid at try %(number)s, %(when)s, with %(method)s.") if method else _("Paid at try %(number)s, %(when)s.")
    before = ngettext(
        "%(tries)s try failed before; the last said: %(reason)s",
        "%(tries)s tries failed before; the last said: %(reason)s",
        len(bad),
    ) % {"tries": f"{len(bad):,}", "reason": payments.of_charge(bad[0]).sentence}
    return f"{said % (facts | {'number': str(len(bad) + 1)})} {before}"


def why_nothing(page: InvoicePage) -> str:
    invoice, paper = page.invoice, page.paper
    if invoice.total > 0 and any(note.status == "issued" and note.pre_payment_amount for note in page.credit_notes):
        return _("a credit note took off what was open")
    if invoice.total > 0 and paper.balance_used < 0:
        return _("the customer’s credit covered it")
    if invoice.total < 0:
        return _("it is in the customer’s favour and became their credit")
    if invoice.total > 0:
        return _("what it asked for was too little to charge, or was covered otherwise")
    return _("the discount took everything off") if paper.discount else _("its lines come to nothing")


def unpaid(page: InvoicePage, now: datetime) -> str:
    invoice = page.invoice
    newest = page.tries[0] if page.tries else None
    if newest and newest.charge and newest.charge.status == "pending":
        return _("A payment is on its way; a bank debit takes some days.")
    if newest and newest.payment and newest.payment.status == "requires_action":
        return _("Not paid: the customer has to approve the payment with the bank.")
    if failed(page):
        bad = next((each.charge for each in page.tries if each.charge and each.charge.status == "failed"), None)
        said = [_("Not paid: %(failed)s.") % {"failed": tries_failed(failed(page))}]
        if bad:
            said.append(_("The last said: %(reason)s") % {"reason": payments.of_charge(bad).sentence})
        return " ".join([*said, planned(invoice, now)])
    if invoice.collection_method == "send_invoice":
        until = day(invoice.due_at, now) if invoice.due_at else ""
        if invoice.due_at and invoice.due_at < now:
            return _("Sent to the customer, who has not paid; it was due on %(date)s.") % {"date": until}
        if until:
            return _("Sent to the customer, who has time until %(date)s to pay.") % {"date": until}
        return _("Sent to the customer, who has time to pay.")
    return " ".join((_("Not paid and not tried yet."), planned(invoice, now)))


def failed(page: InvoicePage) -> int:
    """Charges that failed; where none is stored, Stripe's own count of tries."""
    return sum(bool(each.charge and each.charge.status == "failed") for each in page.tries) or (
        page.invoice.attempt_count if page.invoice.status != "paid" else 0
    )


def tries_failed(count: int) -> str:
    return ngettext("%(tries)s try failed", "%(tries)s tries failed", count) % {"tries": f"{count:,}"}


def planned(invoice: Invoice, now: datetime) -> str:
    if invoice.next_attempt_at:
        said = _("Stripe tries again on %(date)s.") if invoice.attempt_count else _("Stripe tries on %(date)s.")
        return said % {"date": day(invoice.next_attempt_at, now)}
    return _("Stripe plans no further try.") if invoice.attempt_count else _("Stripe plans no try.")


def timing(invoice: Invoice) -> str:
    if invoice.paid_at is None:
        return _("at an unknown time")
    late = days(invoice.due_at, invoice.paid_at) if invoice.due_at else 0
    if late > 0:
        return days_late(late)
    after = days(issued_at(invoice), invoice.paid_at)
    if after > 0:
        said = ngettext("%(days)s day after it was issued", "%(days)s days after it was issued", after)
        return said % {"days": f"{after:,}"}
    return _("on the day it was issued")
