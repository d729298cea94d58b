"""What the overview counts. Counts stop at the cap of `keyset.capped_count`."""

from dataclasses import dataclass
from datetime import datetime

from finances.models import Customer, Delivery, Invoice, ResyncRun, Subscription
from finances.reads.freshness import Lag, lag
from finances.reads.invoices import past_due
from finances.reads.keyset import capped_count


@dataclass(frozen=True)
class Attention:
    customers: int
    active_subscriptions: int
    open_invoices: int
    past_due_invoices: int
    waiting: int
    quarantined: int
    lag: Lag


def attention(now: datetime) -> Attention:
    """Customers and invoices that Stripe still has; subscriptions whose status is active; deliveries by state."""
    here = Invoice.objects.filter(deleted_at=None)
    return Attention(
        customers=capped_count(Customer.objects.filter(deleted_at=None)),
        active_subscriptions=capped_count(Subscription.objects.filter(status="active")),
        open_invoices=capped_count(here.filter(status="open")),
        past_due_invoices=capped_count(here.filter(past_due(now))),
        waiting=capped_count(Delivery.objects.filter(state=Delivery.State.WAITING)),
        quarantined=capped_count(Delivery.objects.filter(state=Delivery.State.QUARANTINED)),
        lag=lag(),
    )


def last_run() -> ResyncRun | None:
    return ResyncRun.objects.select_related("requested_by").order_by("-created_at", "-id").first()


def nothing_yet() -> bool:
    """Nothing was ever read from Stripe and no webhook came."""
    return not (Customer.objects.exists() or Delivery.objects.exists() or Invoice.objects.exists())
