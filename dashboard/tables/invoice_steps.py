"""How an invoice came to be paid, or not: what happened to it, one step after the other."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from dashboard import formatting
from dashboard.tables.delivery_story import Step
from dashboard.tables.invoice_story import shown_tries, why_nothing
from dashboard.tables.invoices import reason_of
from finances.reads.invoice import InvoicePage
from finances.reads.returns import Return


def steps(page: InvoicePage, plan: str, now: datetime) -> list[Step]:
    """The oldest first; what is to come last. `plan`: of its subscription, may be empty."""
    found = [
        *issuing(page, plan, now),
        *tries(page),
        *(of_return(each) for each in (*page.returns.refunds, *page.returns.disputes)),
        *ending(page),
    ]
    # Of one second, the order in which they are told is the order in which they can happen.
    dated = sorted((step for step in found if step.at), key=lambda step: step.at or now)
    return [*dated, *planned(page, now)]


def issuing(page: InvoicePage, plan: str, now: datetime) -> Iterator[Step]:
    invoice = page.invoice
    yield Step("neutral", _("Drafted"), reason_of(invoice, plan), invoice.created_at)
    if invoice.finalized_at:
        asks = _("It asks for %(amount)s.") % {"amount": money(invoice.amount_due, invoice.currency)}
        sent = invoice.collection_method == "send_invoice"
        how = _("The customer gets it to pay.") if sent else _("Stripe charges it by itself.")
        yield Step("info", _("Issued"), f"{asks} {how}" if invoice.amount_due else asks, invoice.finalized_at)
    if invoice.due_at and invoice.due_at < now and invoice.status == "open":
        yield Step("urgent", _("Past due"), "", invoice.due_at)


def tries(page: InvoicePage) -> Iterator[Step]:
    for each in reversed(shown_tries(page.tries)):
        method = f"{each.method.name} {each.method.last4}".strip() if each.method else ""
        amount = money(each.amount, each.currency)
        if not each.number:
            yield Step("info", _("Payment begun"), each.waiting, each.it.at)
            continue
        number = {"number": formatting.whole_number(each.number)}
        if each.failure:
            said = f"{method}: {each.failure.sentence}" if method else each.failure.sentence
            yield Step("negative", _("Try %(number)s failed") % number, said, each.it.at, code=each.failure.code)
        elif each.it.charge and each.it.charge.status == "pending":
            yield Step(
                "info", _("Try %(number)s is on its way") % number, f"{amount}, {method}".strip(", "), each.it.at
            )
        else:
            said = f"{amount}, {method}".strip(", ")
            yield Step("positive", _("Try %(number)s went through") % number, said, each.it.at)


def of_return(it: Return) -> Step:
    amount = money(it.amount, it.currency)
    if it.kind == "dispute":
        return Step("urgent", _("Payment disputed"), f"{amount}, {formatting.word(it.status).lower()}", it.created_at)
    tone = "negative" if it.status == "failed" else "neutral"
    return Step(tone, _("Refund"), f"{amount}, {formatting.word(it.status).lower()}", it.created_at)


def ending(page: InvoicePage) -> Iterator[Step]:
    invoice, paper = page.invoice, page.paper
    for note in page.credit_notes:
        detail = money(note.total, note.currency)
        yield Step("neutral", _("Credit note %(number)s") % {"number": note.number}, detail, note.created_at)
    if invoice.paid_at:
        if not invoice.amount_paid:
            detail = _("Nothing to charge: %(why)s.") % {"why": why_nothing(page)}
        elif paper.out_of_band >= invoice.amount_paid:
            detail = _("%(amount)s outside Stripe.") % {"amount": money(paper.out_of_band, invoice.currency)}
        else:
            detail = money(invoice.amount_paid, invoice.currency)
        yield Step("positive", _("Paid"), detail, invoice.paid_at)
    if paper.uncollectible_at:
        yield Step("negative", _("Written off"), _("The customer can still pay it."), paper.uncollectible_at)
    if paper.voided_at:
        yield Step("neutral", _("Voided"), _("Nothing is to be paid any more."), paper.voided_at)


def planned(page: InvoicePage, now: datetime) -> Iterator[Step]:
    invoice = page.invoice
    if invoice.status == "draft" and page.paper.finalizes_at:
        yield Step("neutral", _("To be issued"), "", page.paper.finalizes_at)
    if invoice.status == "open" and invoice.next_attempt_at:
        ahead = invoice.next_attempt_at > now
        yield Step("neutral", _("Next try") if ahead else _("A try was due"), "", invoice.next_attempt_at)
    elif invoice.status == "open" and invoice.attempt_count and not getattr(invoice, "on_its_way", False):
        yield Step("negative", _("No further try is planned"), "", None)


def money(minor: int, currency: str) -> str:
    return formatting.amount(minor, currency)
