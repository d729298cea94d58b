"""Invoices in words: when they are due, how they came about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.formatting import readable
from dashboard.prices import plain_number, unit_price
from dashboard.tables.remark import Remark
from finances.metrics import aging
from finances.models import Customer, Invoice
from finances.reads.invoice import DiscountPart, TaxPart
from finances.reads.invoice_lines import Line, LineGroup
from finances.reads.invoices import InvoiceRow

REASONS = {
    "subscription_create": gettext_lazy("First invoice of {plan}"),
    "subscription_cycle": gettext_lazy("Renewal of {plan}"),
    "subscription_update": gettext_lazy("Change of {plan}"),
    "subscription_threshold": gettext_lazy("Usage limit reached by {plan}"),
    "subscription": gettext_lazy("Invoice of {plan}"),
    "automatic_pending_invoice_item_invoice": gettext_lazy("Pending items of {plan}"),
    "manual": gettext_lazy("Made by hand"),
    "quote_accept": gettext_lazy("A quote was accepted"),
    "upcoming": gettext_lazy("Preview of {plan}"),
}


# Why a tax is nothing, or less than usual; what is usual needs no word.
TAXABILITY = {
    "customer_exempt": gettext_lazy("the customer is exempt"),
    "not_collecting": gettext_lazy("not collected there"),
    "not_subject_to_tax": gettext_lazy("not taxable"),
    "not_supported": gettext_lazy("not supported there"),
    "portion_product_exempt": gettext_lazy("in part exempt"),
    "product_exempt": gettext_lazy("the product is exempt"),
    "product_exempt_holiday": gettext_lazy("tax holiday"),
    "reduced_rated": gettext_lazy("reduced"),
    "reverse_charge": gettext_lazy("reverse charge"),
    "zero_rated": gettext_lazy("zero-rated"),
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
    """When the money is or was due, as a sentence; days until it was paid are the viewer's calendar days."""
    match invoice.status:
        case "paid":
            return Remark(paid(invoice))
        case "draft":
            return Remark(_("not issued yet"))
        case "void":
            return Remark(_("voided"))
        case "uncollectible":
            return Remark(_("written off"))
    if past_due and (over := lateness(invoice, now)):
        return Remark(over if invoice.due_at else _("at once, %(late)s") % {"late": over}, tone="urgent")
    return Remark(_("in time until"), invoice.due_at) if invoice.due_at else Remark(_("at once"))


def paid(invoice: Invoice) -> str:
    if invoice.paid_at is None:
        return _("paid")
    over = days(invoice.due_at, invoice.paid_at) if invoice.due_at else 0
    if over > 0:
        return ngettext("paid %(days)s day late", "paid %(days)s days late", over) % {"days": f"{over:,}"}
    after = days(issued_at(invoice), invoice.paid_at)
    if after > 0:
        return ngettext("paid after %(days)s day", "paid after %(days)s days", after) % {"days": f"{after:,}"}
    return _("paid the same day")


def lateness(invoice: Invoice, now: datetime) -> str:
    """How late the money is, in days as receivables count them: a list's filter, its file and its rows say the same.
    Empty where a try failed before the due date. Without one it was due when issued."""
    since = invoice.due_at or issued_at(invoice)
    if since > now:
        return ""
    over = aging.days_late(since, now, timezone.get_default_timezone())
    return _("late since today") if over <= 1 and days(since, now) == 0 else days_late(over)


def days_late(count: int) -> str:
    return ngettext("%(days)s day late", "%(days)s days late", count) % {"days": f"{count:,}"}


def days(start: datetime, end: datetime) -> int:
    return (timezone.localdate(end) - timezone.localdate(start)).days


def reason(billing_reason: str) -> str:
    """How it came about, with `{plan}` where what people call the subscription stands."""
    words = str(REASONS.get(billing_reason) or readable(billing_reason))
    return words if "{plan}" in words else f"{words} {{plan}}"


def reason_of(invoice: Invoice, plan: str) -> str:
    return reason(invoice.billing_reason).format(plan=plan if invoice.subscription_id else "").strip()


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
    name = (part.rate.display_name if part.rate else "") or _("Tax")
    share = f" {plain_number(part.rate.percentage)} %" if part.rate and part.rate.percentage is not None else ""
    where = f", {place}" if part.rate and (place := part.rate.jurisdiction or part.rate.country) else ""
    because = f" ({TAXABILITY[part.because]})" if part.because in TAXABILITY else ""
    included = ", " + _("already in the sum") if part.included else ""
    return f"{name}{share}{where}{because}{included}"


def discount(part: DiscountPart) -> str:
    name, code = part.name or part.discount_id, part.applied.code if part.applied else ""
    said = _("Discount %(name)s, code %(code)s") if code else _("Discount %(name)s")
    return (said % {"name": name, "code": code}).strip()
