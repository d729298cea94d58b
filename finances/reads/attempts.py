"""What payments are for: the invoices that they pay, or are to pay."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from finances.models import Invoice, InvoicePayment


@dataclass(frozen=True)
class Purpose:
    """The invoice that a payment is for. `next_attempt_at`: when Stripe tries again, of an open invoice."""

    invoice_id: str
    number: str
    next_attempt_at: datetime | None


def purposes_of(payment_ids: Iterable[str]) -> dict[str, list[Purpose]]:
    """The invoices by payment: one query."""
    rows = _links().filter(payment_intent_id__in=set(payment_ids))
    found: dict[str, list[Purpose]] = {}
    for payment_id, invoice_id, number, next_attempt_at in rows:
        found.setdefault(payment_id, []).append(Purpose(invoice_id, number or "", next_attempt_at))
    return found


@cache  # to put it together takes Django longer than to write the query
def _links() -> QuerySet[Any, Any]:
    invoice = Invoice.objects.filter(id=OuterRef("invoice_id"))
    links = InvoicePayment.objects.exclude(status="canceled").order_by("created_at", "id")
    return links.values_list(
        "payment_intent_id",
        "invoice_id",
        Subquery(invoice.values("number")[:1]),
        Subquery(invoice.filter(status="open").values("next_attempt_at")[:1]),
    )
