"""The list of customers: how they subscribe, and what it shows beside the rows themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from django.db.models import Case, Exists, F, Max, OuterRef, Q, QuerySet, Sum, Value, When

from finances.models import Customer, Invoice, PaymentMethod, Subscription
from finances.reads.invoices import money_on_its_way
from finances.reads.subscriptions import ENDED, RECURRING, Item, items_of, most_pressing_first

Subscribing = Customer.Subscribing


class Amount(NamedTuple):
    """Minor units of `currency`; None where it cannot be computed yet."""

    minor: Decimal | int | None
    currency: str


@dataclass(frozen=True)
class Billed:
    """Of one customer, per currency. `open`: remaining on open invoices. `paid`: all that was paid on any invoice."""

    open: list[Amount] = field(default_factory=list)
    paid: list[Amount] = field(default_factory=list)


class Retried(NamedTuple):
    """An open invoice that was tried in vain. `next_attempt_at`: None where Stripe will not try again."""

    invoice_id: str
    attempt_count: int
    next_attempt_at: datetime | None


@dataclass(frozen=True)
class CustomerRow:
    """`subscriptions`: most pressing first. `retried`: of the open invoice with the most failed tries.

    `method`: the customer's own default; a subscription may have another one.
    """

    customer: Customer
    subscriptions: list[Subscription]
    items: list[Item]
    mrr: list[Amount]
    billed: Billed
    retried: Retried | None
    method: PaymentMethod | None


def newest_customers() -> QuerySet[Customer]:
    return Customer.objects.order_by("-created_at", "-id")


KEPT = {each.value: Q(subscribing=each.value) for each in Subscribing if each != Subscribing.RUNNING}
"""What the mirror keeps in a column of the customer; of the others there are few, and their subscriptions say it."""


def subscribing(status: str) -> Q:
    """Customers with a subscription in `status`; `canceled`: they had one and all have ended; `expired`: none of theirs
    ever began; `none`: never had one."""
    theirs = Subscription.objects.filter(customer_id=OuterRef("id"), status=status)
    return KEPT[status] if status in KEPT else Q(Exists(theirs))


def subscribed(condition: Q) -> Q:
    """Customers with a subscription that has not ended and fulfils the condition."""
    running = Subscription.objects.filter(condition).exclude(status__in=ENDED)
    return Q(id__in=running.values("customer_id"))


def customer_rows(customers: Sequence[Customer]) -> list[CustomerRow]:
    """The page's rows with subscriptions, plans and sums of invoices: four queries, however many rows."""
    ids = [customer.id for customer in customers]
    subscriptions: dict[str, list[Subscription]] = {}
    for subscription in Subscription.objects.filter(customer_id__in=ids):
        subscriptions.setdefault(subscription.customer_id, []).append(subscription)
    running = [each for theirs in subscriptions.values() for each in theirs if each.status not in ENDED]
    items = items_of(each.id for each in running)
    sums, retried = billed(ids)
    methods = PaymentMethod.objects.in_bulk({each.default_payment_method_id for each in customers} | {""})
    rows = []
    for customer in customers:
        theirs = most_pressing_first(subscriptions.get(customer.id, []))
        rows.append(
            CustomerRow(
                customer=customer,
                subscriptions=theirs,
                items=[item for each in theirs for item in items.get(each.id, [])],
                mrr=recurring_revenue(theirs),
                billed=sums.get(customer.id, Billed()),
                retried=retried.get(customer.id),
                method=methods.get(customer.default_payment_method_id),
            )
        )
    return rows


def recurring_revenue(subscriptions: Iterable[Subscription]) -> list[Amount]:
    """MRR: the monthly values of active and past due subscriptions, per currency; None once one cannot be computed."""
    values: dict[str, Decimal | None] = {}
    for each in subscriptions:
        if each.status in RECURRING:
            so_far = values.get(each.currency, Decimal(0))
            values[each.currency] = None if so_far is None or each.mrr is None else so_far + each.mrr
    return [Amount(value, currency) for currency, value in sorted(values.items())]


def billed(customer_ids: Iterable[str]) -> tuple[dict[str, Billed], dict[str, Retried]]:
    """Sums of their invoices, and what has the most failed tries, by customer: one query.

    It groups all invoices of a currency that were not tried in vain, and each that was by itself.
    """
    sums: dict[str, Billed] = {}
    retried: dict[str, Retried] = {}
    rows = (
        _tried_in_vain()
        .filter(customer_id__in=set(customer_ids))
        .values("customer_id", "currency", "tried")
        .annotate(
            remaining=Sum("amount_remaining", filter=Q(status="open")),
            paid=Sum("amount_paid"),
            tries=Max("attempt_count"),
            next=Max("next_attempt_at"),
            made=Max("created_at"),
        )
        .order_by("tries", "made")
    )
    totals: dict[tuple[str, str], tuple[int, int]] = {}
    for row in rows:
        key = (row["customer_id"], row["currency"])
        remaining, paid = totals.get(key, (0, 0))
        totals[key] = (remaining + (row["remaining"] or 0), paid + row["paid"])
        if row["tried"]:
            retried[row["customer_id"]] = Retried(row["tried"], row["tries"], row["next"])
    for (customer_id, currency), (remaining, paid) in sorted(totals.items()):
        theirs = sums.setdefault(customer_id, Billed())
        if remaining:
            theirs.open.append(Amount(remaining, currency))
        if paid:
            theirs.paid.append(Amount(paid, currency))
    return sums, retried


@cache  # to put it together takes Django longer than to write the query
def _tried_in_vain() -> QuerySet[Any, Any]:
    in_vain = Q(status="open", attempt_count__gt=0) & ~Q(money_on_its_way())
    return Invoice.objects.filter(deleted_at=None).annotate(tried=Case(When(in_vain, then=F("id")), default=Value("")))
