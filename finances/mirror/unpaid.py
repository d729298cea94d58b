"""Since when nothing is paid for any more, of subscriptions that are unpaid: their invoices say it."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Max

from finances.models import Invoice, InvoiceLine

BILLS_A_PERIOD = ("subscription_create", "subscription_cycle")


def unpaid_since(subscription_ids: Collection[str]) -> dict[str, datetime]:
    """By subscription, the start of the first period that nobody paid, after the last that was paid.

    Stripe goes on renewing what is unpaid, so its own period moves on. Left out are those of which no such invoice is
    here, or no line of it. Two queries; none without ids.
    """
    if not subscription_ids:
        return {}
    own = Invoice.objects.filter(subscription_id__in=subscription_ids, deleted_at=None)
    told = own.filter(status__in=("paid", "open", "uncollectible")).order_by("created_at", "id")
    first: dict[str, str] = {}
    for row in told.values_list("id", "subscription_id", "status", "billing_reason", "amount_remaining"):
        invoice_id, subscription_id, status, reason, remaining = row
        if status == "paid" and reason in BILLS_A_PERIOD:
            first.pop(subscription_id, None)
        elif status != "paid" and remaining > 0:
            first.setdefault(subscription_id, invoice_id)
    # Use is billed for the period before: the latest start is that of the period which the invoice opens.
    lines = InvoiceLine.objects.filter(invoice_id__in=list(first.values()), proration=False)
    starts = dict(lines.values_list("invoice_id").annotate(Max("starts_at")))
    return {each: at for each, invoice_id in first.items() if (at := starts.get(invoice_id))}
