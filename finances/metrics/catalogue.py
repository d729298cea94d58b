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

    `mrr`: (currency, minor units a month), of the subscriptions that hold nothing else. `shared`: paid for too, but
    with other products or prices in the same subscription. `uncounted`: without a monthly value. Neither is in `mrr`.
    """

    subscriptions: int = 0
    subscribers: int = 0
    trials: int = 0
    shared: int = 0
    uncounted: int = 0
    mrr: list[tuple[str, Decimal]] = field(default_factory=list)


def use_of(key: Literal["product_id", "price_id"], ids: Iterable[str]) -> dict[str, Use]:
    """By product or by price; those that nobody subscribes to are left out.

    Subscriptions that are active or past due, as for MRR. A subscription's monthly value is known for the whole of it
    (its discounts are taken off the whole), so one with several products or prices is counted and not split.
    Source: `Subscription.mrr` and its items. Two queries.
    """
    wanted = set(ids)
    holding = SubscriptionItem.objects.filter(**{f"{key}__in": wanted}, deleted_at=None).values("subscription_id")
    running = Subscription.objects.filter(id__in=holding, status__in=RUNNING, deleted_at=None)
    # Laid together here: without a foreign key, SQL would look each item's subscription up again and again.
    held: dict[str, set[str]] = {}
    items = SubscriptionItem.objects.filter(subscription_id__in=running.values("id"), deleted_at=None)
    for subscription_id, one in items.values_list("subscription_id", key):
        held.setdefault(subscription_id, set()).add(one)
    tallies: dict[str, _Tally] = {}
    rows = running.values_list("id", "status", "customer_id", "currency", "mrr")
    for subscription_id, status, customer_id, currency, mrr in rows:
        them = held.get(subscription_id, set())
        for one in them & wanted:
            tallies.setdefault(one, _Tally()).add(status, customer_id, currency, mrr, shared=len(them) > 1)
    return {one: tally.use() for one, tally in tallies.items()}


@dataclass
class _Tally:
    counts: Counter[str] = field(default_factory=Counter)
    customers: set[str] = field(default_factory=set)
    mrr: dict[str, Decimal] = field(default_factory=dict)

    def add(self, status: str, customer_id: str, currency: str, mrr: Decimal | None, *, shared: bool) -> None:
        if status not in PAID_FOR:
            self.counts["trials"] += 1
            return
        self.counts["subscriptions"] += 1
        self.customers.add(customer_id)
        if shared:
            self.counts["shared"] += 1
        elif mrr is None:
            self.counts["uncounted"] += 1
        else:
            self.mrr[currency] = self.mrr.get(currency, Decimal(0)) + mrr

    def use(self) -> Use:
        return Use(**self.counts, subscribers=len(self.customers), mrr=sorted(self.mrr.items()))
