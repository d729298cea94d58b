"""What a subscription cost, by month: what was invoiced of it, less what went back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import NamedTuple

from django.db.models import OuterRef, Subquery

from finances.models import CreditNote, Invoice, InvoicePayment, Refund
from finances.periods import month_of

MONTHS = 12
MOST_INVOICES = 100


class Returned(NamedTuple):
    """Of one invoice. Minor units. `by_notes`: what its credit notes say was refunded, which is in `refunds` too."""

    credited: int = 0
    by_notes: int = 0
    refunds: int = 0

    @property
    def amount(self) -> int:
        return self.credited + max(self.refunds - self.by_notes, 0)


@dataclass
class MonthCost:
    """Minor units of `currency`. `month`: its first day. `invoices`: oldest first."""

    month: date
    currency: str
    invoices: list[Invoice] = field(default_factory=list)
    invoiced: int = 0
    returned: int = 0
    open: int = 0

    @property
    def cost(self) -> int:
        return self.invoiced - self.returned


def cost_by_month(subscription_id: str, zone: tzinfo) -> list[MonthCost]:
    """The newest twelve months in which something was invoiced of the subscription, the newest first. Three queries.

    The totals, with tax, of the invoices that were finalised in the month (`zone`), less their credit notes, and less
    the refunds of what paid them that no credit note speaks of, whenever those were. Drafts and void invoices are out.
    `open` is what is still to be paid. Of a subscription that is invoiced more often than a hundred times in that time,
    the months of the newest hundred, the oldest of them left out, since it may lack some.
    """
    issued = Invoice.objects.filter(subscription_id=subscription_id, deleted_at=None).exclude(finalized_at=None)
    invoices = list(issued.exclude(status__in=("draft", "void")).order_by("-finalized_at", "-id")[:MOST_INVOICES])
    returned = _returned({each.id for each in invoices})
    months: dict[tuple[date, str], MonthCost] = {}
    for invoice in reversed(invoices):
        assert invoice.finalized_at  # noqa: S101  # nosec B101  # the query says so
        key = month_of(invoice.finalized_at, zone), invoice.currency
        month = months.setdefault(key, MonthCost(*key))
        month.invoices.append(invoice)
        month.invoiced += invoice.total
        month.returned += returned.get(invoice.id, Returned()).amount
        month.open += invoice.amount_remaining if invoice.status == "open" else 0
    oldest_first = list(months.values())[1 if len(invoices) == MOST_INVOICES else 0 :]
    return oldest_first[::-1][:MONTHS]


def _returned(invoice_ids: set[str]) -> Mapping[str, Returned]:
    """By invoice. Two queries, none without invoices."""
    found: dict[str, Returned] = {}
    if not invoice_ids:
        return found
    notes = CreditNote.objects.filter(invoice_id__in=invoice_ids, deleted_at=None).exclude(status="void")
    for invoice_id, total, refunded in notes.values_list("invoice_id", "total", "refund_amount"):
        held = found.get(invoice_id, Returned())
        found[invoice_id] = Returned(held.credited + total, held.by_notes + refunded, held.refunds)
    links = InvoicePayment.objects.filter(invoice_id__in=invoice_ids, deleted_at=None).exclude(payment_intent_id="")
    paid = links.filter(payment_intent_id=OuterRef("payment_intent_id")).values("invoice_id")[:1]
    refunds = Refund.objects.filter(payment_intent_id__in=links.values("payment_intent_id"), deleted_at=None)
    for invoice_id, amount in refunds.filter(status="succeeded").values_list(Subquery(paid), "amount"):
        held = found.get(invoice_id, Returned())
        found[invoice_id] = held._replace(refunds=held.refunds + amount)
    return found
