"""Since when nothing is paid for any more, of subscriptions that are unpaid: their invoices say it."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import F, Max, Q

from finances.models import Invoice, InvoiceLine


def unpaid_since(subscription_ids: Collection[str]) -> dict[str, datetime]:
    """By subscription, the start of the first period that nobody paid, after the last that was paid.

    Stripe goes on renewing what is unpaid, so its own period moves on. An invoice without a line for a period, such as
    one of changes within it, or of something sold once, says nothing of this. Left out are those of which no invoice
    says it. Two queries; none without ids.
    """
    if not subscription_ids:
        return {}
    owed = Q(status__in=("open", "uncollectible"), amount_remaining__gt=0)
    own = Invoice.objects.filter(Q(status="paid") | owed, subscription_id__in=subscription_ids, deleted_at=None)
    invoices = {row[0]: row[1:] for row in own.values_list("id", "subscription_id", "status")}
    lines = InvoiceLine.objects.filter(invoice_id__in=own.values("id"), proration=False, ends_at__gt=F("starts_at"))
    paid: dict[str, datetime] = {}
    unpaid: dict[str, list[datetime]] = {}
    # Use is billed for the period before: the latest start is that of the period which the invoice opens.
    for invoice_id, start in lines.values_list("invoice_id").annotate(Max("starts_at")):
        subscription_id, status = invoices[invoice_id]
        if status == "paid":
            paid[subscription_id] = max(start, paid.get(subscription_id, start))
        else:
            unpaid.setdefault(subscription_id, []).append(start)
    later = {each: [at for at in starts if each not in paid or at > paid[each]] for each, starts in unpaid.items()}
    return {each: min(starts) for each, starts in later.items() if starts}
