"""How an invoice came to be paid, or not: its tries, and one sentence about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.formatting import day
from dashboard.tables import payments
from dashboard.tables.failures import Failure
from dashboard.tables.invoices import days, issued_at, many
from finances.models import Invoice, InvoicePayment
from finances.reads.invoice import InvoicePage, Try
from finances.reads.payments import standing_of

LINK_KINDS = {"payment_intent": "Payment", "charge": "Charge", "payment_record": "Paid outside Stripe"}


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
                waiting=payments.WAITING.get(payment.status, "") if payment and not charge else "",
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
            each, LINK_KINDS.get(each.payment_type) or each.payment_type, each.payment_intent_id or each.charge_id
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
            return f"A draft: Stripe issues it {on(at, now)}." if at else "A draft: it was not issued yet."
        case "void":
            return f"Voided{after_space(page.paper.voided_at, now)}: nothing is to be paid any more."
        case "uncollectible":
            tried = f" after {tries_failed(page)}" if failed(page) else ""
            return f"Written off{after_space(page.paper.uncollectible_at, now)}{tried}; the customer can still pay it."
    return ""


def paid(page: InvoicePage, now: datetime) -> str:
    invoice, paper = page.invoice, page.paper
    when = timing(invoice)
    if invoice.amount_paid and paper.out_of_band >= invoice.amount_paid:
        return f"Paid outside Stripe and marked as paid {when}."
    if not invoice.amount_paid:
        return f"Paid with nothing to charge: {why_nothing(page)}."
    good = next((each.charge for each in page.tries if each.charge and each.charge.status == "succeeded"), None)
    if good is None:
        return f"Paid {when}; the payment itself is not stored here."
    method = payments.method(good)
    using = f", with {method.name} {method.last4}".rstrip() if method else ""
    bad = [each.charge for each in page.tries if each.charge and each.charge.status == "failed"]
    if invoice.collection_method == "send_invoice":
        return f"The customer paid it {when}{using}."
    if not bad:
        return f"Paid at the first try, {when}{using}."
    return (
        f"Paid at try {len(bad) + 1}, {when}{using}. "
        f"{many(len(bad), 'try', 'tries')} failed before; the last said: {payments.of_charge(bad[0]).sentence}"
    )


def why_nothing(page: InvoicePage) -> str:
    invoice, paper = page.invoice, page.paper
    if invoice.total > 0 and any(note.status == "issued" and note.pre_payment_amount for note in page.credit_notes):
        return "a credit note took off what was open"
    if invoice.total > 0 and paper.balance_used < 0:
        return "the customer’s credit covered it"
    if invoice.total < 0:
        return "it is in the customer’s favour and became their credit"
    if invoice.total > 0:
        return "what it asked for was too little to charge, or was covered otherwise"
    return "the discount took everything off" if paper.discount else "its lines come to nothing"


def unpaid(page: InvoicePage, now: datetime) -> str:
    invoice = page.invoice
    newest = page.tries[0] if page.tries else None
    if newest and newest.charge and newest.charge.status == "pending":
        return "A payment is on its way; a bank debit takes some days."
    if newest and newest.payment and newest.payment.status == "requires_action":
        return "Not paid: the customer has to approve the payment with the bank."
    if failed(page):
        bad = next((each.charge for each in page.tries if each.charge and each.charge.status == "failed"), None)
        said = f" The last said: {payments.of_charge(bad).sentence}" if bad else ""
        return f"Not paid: {tries_failed(page)}.{said} {planned(invoice, now)}"
    if invoice.collection_method == "send_invoice":
        if invoice.due_at and invoice.due_at < now:
            return f"Sent to the customer, who has not paid; it was due {on(invoice.due_at, now)}."
        until = f" until {day(invoice.due_at, now)}" if invoice.due_at else ""
        return f"Sent to the customer, who has time{until} to pay."
    return f"Not paid and not tried yet. {planned(invoice, now)}"


def failed(page: InvoicePage) -> int:
    """Charges that failed; where none is stored, Stripe's own count of tries."""
    return sum(bool(each.charge and each.charge.status == "failed") for each in page.tries) or (
        page.invoice.attempt_count if page.invoice.status != "paid" else 0
    )


def tries_failed(page: InvoicePage) -> str:
    return f"{many(failed(page), 'try', 'tries')} failed"


def planned(invoice: Invoice, now: datetime) -> str:
    if invoice.next_attempt_at:
        return f"Stripe tries {'again ' if invoice.attempt_count else ''}{on(invoice.next_attempt_at, now)}."
    return "Stripe plans no further try." if invoice.attempt_count else "Stripe plans no try."


def timing(invoice: Invoice) -> str:
    if invoice.paid_at is None:
        return "at an unknown time"
    late = days(invoice.due_at, invoice.paid_at) if invoice.due_at else 0
    if late > 0:
        return f"{many(late, 'day')} late"
    after = days(issued_at(invoice), invoice.paid_at)
    return f"{many(after, 'day')} after it was issued" if after > 0 else "on the day it was issued"


def on(moment: datetime, now: datetime) -> str:
    return f"on {day(moment, now)}"


def after_space(moment: datetime | None, now: datetime) -> str:
    return f" {on(moment, now)}" if moment else ""
