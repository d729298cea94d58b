"""The list of subscriptions: what it shows beside the rows themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from finances.models import Customer, Product, Subscription, SubscriptionItem

RECURRING = ("active", "past_due")  # the statuses whose monthly value is recurring revenue
ENDED = ("canceled", "incomplete_expired")  # final: nothing can bring them back
PRESSING = ("past_due", "unpaid", "incomplete", "active", "trialing", "paused", "canceled", "incomplete_expired")


@dataclass(frozen=True)
class Item:
    """One price of a subscription.

    `unit_amount`: minor units, with fractions; None for tiers. `quantity`: None if metered.
    """

    id: str
    subscription_id: str
    product_id: str
    product: str
    price_id: str
    quantity: Decimal | None
    unit_amount: Decimal | None
    currency: str
    interval: str
    interval_count: int


@dataclass(frozen=True)
class SubscriptionRow:
    subscription: Subscription
    customer: Customer | None
    items: list[Item]

    @property
    def trial_without_method(self) -> bool:
        """Its trial runs, and neither it nor its customer names anything that could be charged at the end."""
        it = self.subscription
        if it.status != "trialing" or it.collection_method == "send_invoice" or self.customer is None:
            return False
        return not (it.default_payment_method_id or self.customer.default_payment_method_id)


def newest_subscriptions() -> QuerySet[Subscription]:
    return Subscription.objects.order_by("-created_at", "-id")


def subscription_rows(subscriptions: Sequence[Subscription]) -> list[SubscriptionRow]:
    """The page's rows with their customers and items: two queries, however many rows."""
    customers = customers_named(each.customer_id for each in subscriptions)
    items = items_of(each.id for each in subscriptions)
    return [SubscriptionRow(each, customers.get(each.customer_id), items.get(each.id, [])) for each in subscriptions]


@dataclass(frozen=True)
class SubscriptionSums:
    """Of one currency. `running`: how many have not ended; `value`: what they come to a month, in minor units."""

    currency: str
    subscriptions: int
    running: int
    value: Decimal


def subscription_sums(subscriptions: QuerySet[Subscription]) -> list[SubscriptionSums]:
    """One row a currency, largest count first, never added across. One query, which reads every row."""
    running = ~Q(status__in=ENDED)
    counted = (
        subscriptions.order_by()
        .values("currency")
        .annotate(
            subscriptions=Count("id"), running=Count("id", filter=running), value=Sum("mrr", filter=running, default=0)
        )
    )
    return [
        SubscriptionSums(row["currency"], row["subscriptions"], row["running"], row["value"])
        for row in counted.order_by("-subscriptions", "currency")
    ]


def customers_named(customer_ids: Iterable[str]) -> dict[str, Customer]:
    """Name, e-mail and what is charged, by id, for the rows of a page: one query."""
    return Customer.objects.only("id", "name", "email", "deleted_at", "default_payment_method_id").in_bulk(
        set(customer_ids)
    )


def items_of(subscription_ids: Iterable[str]) -> dict[str, list[Item]]:
    """Items with their products' names, by subscription, dearest first: one query."""
    rows = _items_with_names().filter(subscription_id__in=set(subscription_ids))
    items: dict[str, list[Item]] = {}
    for row in sorted(rows, key=lambda row: (-(row.unit_amount or 0) * (row.quantity or 0), row.id)):
        item = Item(
            id=row.id,
            subscription_id=row.subscription_id,
            product_id=row.product_id,
            product=row.product_name or row.product_id,
            price_id=row.price_id,
            quantity=row.quantity,
            unit_amount=row.unit_amount,
            currency=row.currency,
            interval=row.interval,
            interval_count=row.interval_count,
        )
        items.setdefault(row.subscription_id, []).append(item)
    return items


@cache  # to put it together takes Django longer than to write the query
def _items_with_names() -> QuerySet[Any, Any]:
    name = Subquery(Product.objects.filter(id=OuterRef("product_id")).values("name")[:1])
    return SubscriptionItem.objects.filter(deleted_at=None).annotate(product_name=name)


def most_pressing_first(subscriptions: Iterable[Subscription]) -> list[Subscription]:
    """By what needs someone soonest, then the newest."""
    newest = sorted(subscriptions, key=lambda each: each.created_at, reverse=True)
    return sorted(newest, key=lambda each: PRESSING.index(each.status) if each.status in PRESSING else len(PRESSING))
