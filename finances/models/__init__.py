"""Our own tables. Stripe's objects themselves are in dj-stripe's, which only `finances.mirror` writes."""

from finances.models.audit_entry import AuditEntry
from finances.models.customer import Customer
from finances.models.delivery import Delivery
from finances.models.invoice import Invoice
from finances.models.object_version import ObjectVersion
from finances.models.own_account import OwnAccount
from finances.models.product import Product
from finances.models.resync_run import ResyncFinding, ResyncRun
from finances.models.stripe_object import ObjectState, StripeObject
from finances.models.subscription import Subscription, SubscriptionItem
from finances.models.wake_up import Ticket, WakeUp, WorkerHeartbeat

__all__ = [
    "AuditEntry",
    "Customer",
    "Delivery",
    "Invoice",
    "ObjectState",
    "ObjectVersion",
    "OwnAccount",
    "Product",
    "ResyncFinding",
    "ResyncRun",
    "StripeObject",
    "Subscription",
    "SubscriptionItem",
    "Ticket",
    "WakeUp",
    "WorkerHeartbeat",
]
