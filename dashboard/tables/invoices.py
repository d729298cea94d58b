"""Invoices in words: when they are due, how they came about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from dashboard.tables.remark import Remark
from dashboard.tables.subscriptions import plain_number, unit_price
from finances.models import Customer, Invoice
from finances.reads.invoice import DiscountPart, TaxPart
from finances.reads.invoice_lines import Line, LineGroup
from finances.reads.invoices import InvoiceRow

REASONS = {
    "subscription_create": "First invoice of",
    "subscription_cycle": "Renewal of",
    "subscription_update": "Change of",
    "subscription_threshold": "Usage limit reached by",
    "subscription": "Invoice of",
    "automatic_pending_invoice_item_invoice": "Pending items of",
    "manual": "Made by hand",
    "quote_accept": "A quote was accepted",
    "upcoming": "Preview of",
}


# Why a tax is nothing, or less than usual; what is usual needs no word.
TAXABILITY = {
    "customer_exempt": "the customer is exempt",
    "not_collecting": "not collected there",
    "not_subject_to_tax": "not taxable",
    "not_supported": "not supported there",
    "portion_product_exempt": "in part exempt",
    "product_exempt": "the product is exempt",
    "product_exempt_holiday": "tax holiday",
    "reduced_rated": "reduced",
    "reverse_charge": "reverse charge",
    "zero_rated": "zero-rated",
}


@dataclass(frozen=True)
class ShownInvoice:
    """`status`: Stripe's, or past_due."""

    invoice: Invoice
    customer: Customer | None
    status: str
    issued_at: datetime
    due: Remark


def shown_invoices(rows: Sequence[InvoiceRow], now: datetime) -> list[ShownInvoice]:
    return [
        ShownInvoice(
            invoice=row.invoice,
            customer=row.customer,
            status=status(row.invoice, row.past_due),
            issued_at=issued_at(row.invoice),
            due=due(row.invoice, row.past_due, now),
        )
        for row in rows
    ]


def status(invoice: Invoice, past_due: bool) -> str:
    return "past_due" if past_due else invoice.status


def issued_at(invoice: Invoice) -> datetime:
    return invoice.finalized_at or invoice.created_at


def due(invoice: Invoice, past_due: bool, now: datetime) -> Remark:
    """When the money is or was due, as a sentence; days are the viewer's calendar days."""
    match invoice.status:
        case "paid":
            return Remark(paid(invoice))
        case "draft":
            return Remark("not issued yet")
        case "void":
            return Remark("voided")
        case "uncollectible":
            return Remark("written off")
    if past_due and (over := lateness(invoice, now)):
        return Remark(over if invoice.due_at else f"at once, {over}", tone="urgent")
    return Remark("in time until", invoice.due_at) if invoice.due_at else Remark("at once")


def paid(invoice: Invoice) -> str:
    if invoice.paid_at is None:
        return "paid"
    over = days(invoice.due_at, invoice.paid_at) if invoice.due_at else 0
    if over > 0:
        return f"paid {many(over, 'day')} late"
    after = days(issued_at(invoice), invoice.paid_at)
    return f"paid after {many(after, 'day')}" if after > 0 else "paid the same day"


def lateness(invoice: Invoice, now: datetime) -> str:
    """How late the money is; empty where a try failed before the due date. Without one it was due when issued."""
    since = invoice.due_at or issued_at(invoice)
    return late(since, now) if since <= now else ""


def late(since: datetime, now: datetime) -> str:
    over = days(since, now)
    return f"{many(over, 'day')} late" if over > 0 else "late since today"


def days(start: datetime, end: datetime) -> int:
    return (timezone.localdate(end) - timezone.localdate(start)).days


def reason(billing_reason: str) -> str:
    """How it came about; ends in "of" or "by" where the subscription's plan completes the sentence."""
    return REASONS.get(billing_reason) or billing_reason.replace("_", " ").capitalize()


class ShownLine(NamedTuple):
    """`unit_price`: digits, empty where Stripe gave none (tiers)."""

    line: Line
    quantity: str
    unit_price: str


class ShownGroup(NamedTuple):
    """`changed_at`: of prorations that stand together, None for other lines; then `net` is what the change came to."""

    changed_at: datetime | None
    net: int
    lines: list[ShownLine]


def shown_groups(groups: Sequence[LineGroup], currency: str) -> list[ShownGroup]:
    return [ShownGroup(each.changed_at, each.net, shown_lines(each.lines, currency)) for each in groups]


def shown_lines(lines: Sequence[Line], currency: str) -> list[ShownLine]:
    return [
        ShownLine(
            line,
            quantity=plain_number(line.quantity),
            unit_price="" if line.unit_amount is None else unit_price(line.unit_amount, currency),
        )
        for line in lines
    ]


def tax(part: TaxPart) -> str:
    """`VAT 19 %, DE`, `Tax, already in the sum`, `Tax (reverse charge)`."""
    name = part.rate.display_name if part.rate else ""
    share = f" {plain_number(part.rate.percentage)} %" if part.rate and part.rate.percentage is not None else ""
    where = f", {place}" if part.rate and (place := part.rate.jurisdiction or part.rate.country) else ""
    because = f" ({TAXABILITY[part.because]})" if part.because in TAXABILITY else ""
    return f"{name or 'Tax'}{share}{where}{because}{', already in the sum' if part.included else ''}"


def discount(part: DiscountPart) -> str:
    code = part.applied.code if part.applied else ""
    return f"Discount {part.name or part.discount_id}".strip() + (f", code {code}" if code else "")


def many(count: int, noun: str, nouns: str = "") -> str:
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"
