"""What products and prices bring in: who subscribes to them now, and what that is worth a month."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from finances.models import Subscription, SubscriptionItem

PAID_FOR = ("active", "past_due")
RUNNING = (*PAID_FOR, "trialing")


@dataclass
class Use:
    """Of one product or price. `subscriptions`: paid for now, by so many `subscribers` (customers); `trials` beside.

    `mrr`: (currency, minor units a month), of the items that are of this product or price. `uncounted`: those whose
    subscription has no monthly value; they are in no sum.
    """

    subscriptions: int = 0
    subscribers: int = 0
    trials: int = 0
    uncounted: int = 0
    mrr: list[tuple[str, Decimal]] = field(default_factory=list)


def use_of(key: Literal["product_id", "price_id"], ids: Iterable[str]) -> dict[str, Use]:
    """By product or by price; those that nobody subscribes to are left out.

    Subscriptions that are active or past due, as for MRR; an item's part of a subscription's value has its share of the
    discounts taken off. Source: `SubscriptionItem.mrr`. Two queries.
    """
    items = SubscriptionItem.objects.filter(**{f"{key}__in": set(ids)}, deleted_at=None)
    running = Subscription.objects.filter(
        id__in=items.values("subscription_id"), status__in=RUNNING, deleted_at=None
    ).values_list("id", "status", "customer_id", "currency")
    # Laid together here: without a foreign key, SQL would look each item's subscription up again and again.
    subscriptions = {row[0]: row for row in running}
    held: dict[tuple[str, str], list[Decimal | None]] = {}
    for one, subscription_id, mrr in items.values_list(key, "subscription_id", "mrr"):
        if subscription_id in subscriptions:
            held.setdefault((one, subscription_id), []).append(mrr)
    tallies: dict[str, _Tally] = {}
    for (one, subscription_id), values in held.items():
        _, status, customer_id, currency = subscriptions[subscription_id]
        tallies.setdefault(one, _Tally()).add(status, customer_id, currency, values)
    return {one: tally.use() for one, tally in tallies.items()}


@dataclass
class _Tally:
    counts: Counter[str] = field(default_factory=Counter)
    customers: set[str] = field(default_factory=set)
    mrr: dict[str, Decimal] = field(default_factory=dict)

    def add(self, status: str, customer_id: str, currency: str, values: list[Decimal | None]) -> None:
        """`values`: of the items that one subscription has of it."""
        if status not in PAID_FOR:
            self.counts["trials"] += 1
            return
        self.counts["subscriptions"] += 1
        self.customers.add(customer_id)
        if None in values:
            self.counts["uncounted"] += 1
        else:
            self.mrr[currency] = sum((each for each in values if each is not None), self.mrr.get(currency, Decimal(0)))

    def use(self) -> Use:
        return Use(**self.counts, subscribers=len(self.customers), mrr=sorted(self.mrr.items()))
