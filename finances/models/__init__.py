"""Our own tables. Stripe's objects themselves are in dj-stripe's, which only `finances.mirror` writes."""

from finances.models.audit_entry import AuditEntry, AuditPersonal
from finances.models.audit_seal import AuditSeal, SealedEntry
from finances.models.balance import BalanceTransaction, Payout
from finances.models.catch_up import CatchUp, EventWatermark
from finances.models.completeness import ListedMonth, MissingScope
from finances.models.credit_note import CreditNote
from finances.models.customer import Customer
from finances.models.daily_total import (
    DailyAttempts,
    DailyProductRevenue,
    DailyRecurring,
    DailyRefunds,
    DailyRevenue,
    DailySubscribers,
    DailyTotal,
    DirtyDay,
    TotalsZone,
)
from finances.models.delivery import Delivery
from finances.models.discount import Coupon, Discount, PromotionCode
from finances.models.dispute import Dispute
from finances.models.export import Export, ExportPiece
from finances.models.former_email import FormerEmail
from finances.models.incident import Alert, Incident
from finances.models.invoice import Invoice, InvoiceLine
from finances.models.object_version import ObjectVersion
from finances.models.own_account import OwnAccount
from finances.models.payment import Charge, InvoicePayment, Payment
from finances.models.payment_method import PaymentMethod
from finances.models.product import Price, Product
from finances.models.product_use import DirtyProduct, ProductUse
from finances.models.rate_budget import RateBudget
from finances.models.refund import Refund
from finances.models.refused_post import RefusedPosts
from finances.models.replay import Replay, ReplayedDelivery
from finances.models.resync_run import ResyncFinding, ResyncPart, ResyncRun
from finances.models.retention_place import RetentionPlace
from finances.models.stripe_object import CHOSEN, ObjectState, Reference, StripeObject, about, state_key
from finances.models.subscription import Subscription, SubscriptionItem
from finances.models.subscription_schedule import SubscriptionSchedule
from finances.models.tax_rate import TaxRate
from finances.models.wake_up import Ticket, WakeUp, WorkerHeartbeat

__all__ = [
    "CHOSEN",
    "Alert",
    "AuditEntry",
    "AuditPersonal",
    "AuditSeal",
    "BalanceTransaction",
    "CatchUp",
    "Charge",
    "Coupon",
    "CreditNote",
    "Customer",
    "DailyAttempts",
    "DailyProductRevenue",
    "DailyRecurring",
    "DailyRefunds",
    "DailyRevenue",
    "DailySubscribers",
    "DailyTotal",
    "Delivery",
    "DirtyDay",
    "DirtyProduct",
    "Discount",
    "Dispute",
    "EventWatermark",
    "Export",
    "ExportPiece",
    "FormerEmail",
    "Incident",
    "Invoice",
    "InvoiceLine",
    "InvoicePayment",
    "ListedMonth",
    "MissingScope",
    "ObjectState",
    "ObjectVersion",
    "OwnAccount",
    "Payment",
    "PaymentMethod",
    "Payout",
    "Price",
    "Product",
    "ProductUse",
    "PromotionCode",
    "RateBudget",
    "Reference",
    "Refund",
    "RefusedPosts",
    "Replay",
    "ReplayedDelivery",
    "ResyncFinding",
    "ResyncPart",
    "ResyncRun",
    "RetentionPlace",
    "SealedEntry",
    "StripeObject",
    "Subscription",
    "SubscriptionItem",
    "SubscriptionSchedule",
    "TaxRate",
    "Ticket",
    "TotalsZone",
    "WakeUp",
    "WorkerHeartbeat",
    "about",
    "state_key",
]
