"""What products and prices bring in: who subscribes to them now, and what that is worth a month."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from django.db.models import Count, Q, QuerySet, Sum

from finances.models import DirtyProduct, ProductUse, SubscriptionItem

PAID_FOR = ("active", "past_due")
RUNNING = (*PAID_FOR, "trialing")
PLACES = Decimal("0.000001")  # the column's

Key = Literal["product_id", "price_id"]


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


def use_of(key: Key, ids: Iterable[str]) -> dict[str, Use]:
    """By product or by price; those that nobody subscribes to are left out.

    Subscriptions that are active or past due, as for MRR; an item's part of a subscription's value has its share of the
    discounts taken off. Source: `SubscriptionItem.mrr`, counted beforehand into `ProductUse`; of a product that is
    marked, and so has changed since, from the rows. Two queries, and two more where one is marked.
    """
    ids = set(ids)
    # The marks first: what is counted anew between the two readings is newer, and as right.
    marked = set(DirtyProduct.objects.values_list("product_id", flat=True).distinct())
    kept = ProductUse.objects.filter(**{f"{key}__in": ids}).exclude(product_id__in=marked)
    kept = kept.filter(price_id="") if key == "product_id" else kept
    found = {
        getattr(row, key): Use(
            row.subscriptions,
            row.subscribers,
            row.trials,
            row.uncounted,
            [(currency, Decimal(value)) for currency, value in row.mrr],
        )
        for row in kept
    }
    if marked:
        of_marked = SubscriptionItem.objects.filter(product_id__in=marked)
        found |= counted(key, of_marked.filter(**{f"{key}__in": ids}))
    return found


def counted(key: Key, items: QuerySet[SubscriptionItem]) -> dict[str, Use]:
    """The same of these rows. Two queries, which read all of them."""
    paid = Q(subscription__status__in=PAID_FOR)
    running = items.filter(deleted_at=None, subscription__status__in=RUNNING, subscription__deleted_at=None)
    found: dict[str, Use] = {}
    for row in (
        running.values(key)
        .annotate(
            subscriptions=Count("subscription_id", distinct=True, filter=paid),
            subscribers=Count("subscription__customer_id", distinct=True, filter=paid),
            trials=Count("subscription_id", distinct=True, filter=~paid),
            uncounted=Count("subscription_id", distinct=True, filter=paid & Q(mrr=None)),
        )
        .order_by()
    ):
        one = row.pop(key)
        found[one] = Use(**row)
    sums = running.filter(paid, mrr__isnull=False).values_list(key, "subscription__currency").annotate(Sum("mrr"))
    for one, currency, value in sums.order_by(key, "subscription__currency"):
        found[one].mrr.append((currency, value.quantize(PLACES)))  # SQLite adds decimals as floats
    return found
