"""One subscription's page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from djstripe import models as djstripe

from finances.models import Customer, Invoice, PaymentMethod, Subscription, SubscriptionSchedule
from finances.reads.access import access_of_subscription
from finances.reads.access_end import AccessEnd, access_end
from finances.reads.discounts import AppliedDiscount, discounts_of_subscription
from finances.reads.history import History, history
from finances.reads.invoices import InvoiceRow, is_past_due, past_due, with_money_on_its_way
from finances.reads.payment_methods import Paying, methods_of, paying_for
from finances.reads.prices import PricedProduct, priced_products
from finances.reads.schedule import PendingUpdate, Schedule, pending_update, prices_of, schedule
from finances.reads.stored import amount_at, at, id_at, json_of, list_at, pairs_at, text_at, time_at, with_stored
from finances.reads.subscriptions import Item, items_of

NEWEST_INVOICES = 8


@dataclass(frozen=True)
class Terms:
    """What only Stripe's JSON holds."""

    description: str
    collection_method: str
    days_until_due: int | None
    started_at: datetime | None
    trial_start: datetime | None
    trial_end: datetime | None
    trial_without_method: str
    canceled_at: datetime | None
    cancellation_reason: str
    cancellation_feedback: str
    cancellation_comment: str
    pause_behavior: str
    resumes_at: datetime | None
    metadata: list[tuple[str, str]]


@dataclass(frozen=True)
class SubscriptionPage:
    """`stored`, `prices`, `coupons` and `customer_discount`: what `finances.metrics.monthly_value` takes.

    `priced`: every price that it has or is to have, by id. `schedules`: the running one first, then the newest.
    """

    subscription: Subscription
    customer: Customer | None
    items: list[Item]
    invoices: list[InvoiceRow]
    invoice_count: int
    terms: Terms
    stored: dict[str, Any]
    priced: dict[str, PricedProduct]
    coupons: dict[str, dict[str, Any]]
    customer_discount: dict[str, Any] | None
    discounts: list[AppliedDiscount]
    schedules: list[Schedule]
    pending: PendingUpdate | None
    paying: Paying
    methods: list[PaymentMethod]
    access_end: AccessEnd | None
    late: Invoice | None
    history: History

    @property
    def value_can_be_explained(self) -> bool:
        """Whether Stripe's JSON is here and its items are what they should be."""
        items = at(self.stored, "items", "data")
        return isinstance(items, list) and all(isinstance(at(each, "id"), str) for each in items)

    @property
    def prices(self) -> dict[str, dict[str, Any]]:
        return {price_id: each.stored for price_id, each in self.priced.items() if each.stored}


def subscription_page(subscription_id: str, now: datetime) -> SubscriptionPage:
    """Twelve queries, whatever it holds; one more where a payment is missing.

    Raises Subscription.DoesNotExist.
    """
    subscription = with_stored(Subscription.objects.all(), djstripe.Subscription).get(id=subscription_id)
    stored = json_of(subscription)
    customer = with_stored(Customer.objects.all(), djstripe.Customer).filter(id=subscription.customer_id).first()
    of_customer = json_of(customer) if customer else {}
    invoices = Invoice.objects.filter(subscription_id=subscription_id, deleted_at=None)
    newest = with_money_on_its_way(invoices).order_by("-created_at", "-id")[:NEWEST_INVOICES]
    items = items_of([subscription_id]).get(subscription_id, [])
    schedules, pending = schedules_of(subscription_id), pending_update(stored)
    discounts = discounts_of_subscription(subscription_id, subscription.customer_id)
    paying = paying_for(subscription, stored, of_customer)
    methods = methods_of(subscription.customer_id, [paying.charged.method_id])
    late = None
    if subscription.status in ("past_due", "unpaid", "incomplete"):
        late = invoices.filter(past_due(now)).order_by("-attempt_count", "created_at").first()
    access = access_of_subscription(subscription, paying, methods, late, now)
    own_terms = terms(stored)
    customer_discount = of_customer.get("discount")
    return SubscriptionPage(
        subscription=subscription,
        customer=customer,
        items=items,
        invoices=[InvoiceRow(each, customer, is_past_due(each, now)) for each in newest],
        invoice_count=invoices.count(),
        terms=own_terms,
        stored=stored,
        priced=priced_products([*(each.price_id for each in items), *prices_of(schedules, pending)]),
        coupons=coupons_of(stored, of_customer),
        customer_discount=customer_discount if isinstance(customer_discount, dict) else None,
        discounts=discounts,
        schedules=schedules,
        pending=pending,
        paying=paying,
        methods=methods,
        access_end=access_end(access, own_terms.trial_without_method, now),
        late=late,
        history=history(subscription_id),
    )


def schedules_of(subscription_id: str) -> list[Schedule]:
    """One query."""
    rows = with_stored(
        SubscriptionSchedule.objects.filter(subscription_id=subscription_id, deleted_at=None),
        djstripe.SubscriptionSchedule,
    )
    newest = [schedule(each) for each in rows.order_by("-created_at", "-id")]
    return sorted(newest, key=lambda each: not each.is_running)


def coupons_of(subscription: dict[str, Any], customer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Stripe's coupons, by id, that these two name in their discounts, items' own too. One query."""
    items = list_at(subscription, "items")
    named = [*list_at(subscription, "discounts"), *(each for item in items for each in list_at(item, "discounts"))]
    named += [each for each in (subscription.get("discount"), customer.get("discount")) if isinstance(each, dict)]
    ids = {id_at(each, "source", "coupon") or id_at(each, "coupon") for each in named}
    return dict(djstripe.Coupon.objects.filter(id__in=ids).values_list("id", "stripe_data"))


def terms(subscription: dict[str, Any]) -> Terms:
    """From Stripe's subscription, of any API version; what is missing is empty."""
    return Terms(
        description=text_at(subscription, "description"),
        collection_method=text_at(subscription, "collection_method"),
        days_until_due=amount_at(subscription, "days_until_due"),
        started_at=time_at(subscription, "start_date"),
        trial_start=time_at(subscription, "trial_start"),
        trial_end=time_at(subscription, "trial_end"),
        trial_without_method=text_at(subscription, "trial_settings", "end_behavior", "missing_payment_method"),
        canceled_at=time_at(subscription, "canceled_at"),
        cancellation_reason=text_at(subscription, "cancellation_details", "reason"),
        cancellation_feedback=text_at(subscription, "cancellation_details", "feedback"),
        cancellation_comment=text_at(subscription, "cancellation_details", "comment"),
        pause_behavior=text_at(subscription, "pause_collection", "behavior"),
        resumes_at=time_at(subscription, "pause_collection", "resumes_at"),
        metadata=pairs_at(subscription, "metadata"),
    )
