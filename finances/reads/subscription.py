"""One subscription's page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from djstripe import models as djstripe

from finances.models import Customer, Delivery, Invoice, Subscription
from finances.reads.invoices import InvoiceRow, is_past_due
from finances.reads.stored import amount_at, id_at, list_at, pairs_at, stored, text_at, time_at
from finances.reads.subscriptions import Item, items_of
from finances.reads.timeline import object_timeline

NEWEST_INVOICES = 8


@dataclass(frozen=True)
class Terms:
    """What only Stripe's JSON holds. `discounts`: names of coupons, or ids where Stripe gave no more."""

    description: str
    collection_method: str
    days_until_due: int | None
    default_payment_method: str
    started_at: datetime | None
    trial_end: datetime | None
    canceled_at: datetime | None
    cancellation_reason: str
    cancellation_feedback: str
    cancellation_comment: str
    pause_behavior: str
    resumes_at: datetime | None
    discounts: list[str]
    metadata: list[tuple[str, str]]


@dataclass(frozen=True)
class SubscriptionPage:
    subscription: Subscription
    customer: Customer | None
    items: list[Item]
    invoices: list[InvoiceRow]
    invoice_count: int
    terms: Terms
    timeline: list[Delivery]


def subscription_page(subscription_id: str, now: datetime) -> SubscriptionPage:
    """Eight queries, whatever it holds. Raises Subscription.DoesNotExist."""
    subscription = Subscription.objects.get(id=subscription_id)
    customer = Customer.objects.filter(id=subscription.customer_id).first()
    invoices = Invoice.objects.filter(subscription_id=subscription_id, deleted_at=None)
    newest = invoices.order_by("-created_at", "-id")[:NEWEST_INVOICES]
    return SubscriptionPage(
        subscription=subscription,
        customer=customer,
        items=items_of([subscription_id]).get(subscription_id, []),
        invoices=[InvoiceRow(each, customer, is_past_due(each, now)) for each in newest],
        invoice_count=invoices.count(),
        terms=terms(stored(djstripe.Subscription, subscription_id)),
        timeline=list(object_timeline(subscription_id)),
    )


def terms(subscription: dict[str, Any]) -> Terms:
    """From Stripe's subscription, of any API version; what is missing is empty."""
    return Terms(
        description=text_at(subscription, "description"),
        collection_method=text_at(subscription, "collection_method"),
        days_until_due=amount_at(subscription, "days_until_due"),
        default_payment_method=id_at(subscription, "default_payment_method") or id_at(subscription, "default_source"),
        started_at=time_at(subscription, "start_date"),
        trial_end=time_at(subscription, "trial_end"),
        canceled_at=time_at(subscription, "canceled_at"),
        cancellation_reason=text_at(subscription, "cancellation_details", "reason"),
        cancellation_feedback=text_at(subscription, "cancellation_details", "feedback"),
        cancellation_comment=text_at(subscription, "cancellation_details", "comment"),
        pause_behavior=text_at(subscription, "pause_collection", "behavior"),
        resumes_at=time_at(subscription, "pause_collection", "resumes_at"),
        discounts=discounts(subscription),
        metadata=pairs_at(subscription, "metadata"),
    )


def discounts(subscription: dict[str, Any]) -> list[str]:
    """Since 2025-09 a discount names its coupon in `source`; before, at its top; unexpanded it is an id alone."""
    held = subscription.get("discounts")
    bare = [each for each in held if isinstance(each, str)] if isinstance(held, list) else []
    old = subscription.get("discount")
    expanded = list_at(subscription, "discounts") + ([old] if isinstance(old, dict) else [])
    names = [
        text_at(each, "source", "coupon", "name")
        or text_at(each, "coupon", "name")
        or id_at(each, "source", "coupon")
        or id_at(each, "coupon")
        or text_at(each, "id")
        for each in expanded
    ]
    return list(dict.fromkeys(names + bare))
