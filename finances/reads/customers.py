"""The list of customers: how they subscribe, and what it shows beside the rows themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from finances.models import Customer, Invoice, PaymentMethod, Subscription
from finances.reads.invoices import money_on_its_way
from finances.reads.subscriptions import ENDED, RECURRING, Item, items_of, most_pressing_first


class Amount(NamedTuple):
    """Minor units of `currency`; None where it cannot be computed yet."""

    minor: Decimal | int | None
    currency: str


@dataclass(frozen=True)
class Billed:
    """Of one customer, per currency. `open`: remaining on open invoices. `paid`: all that was paid on any invoice."""

    open: list[Amount] = field(default_factory=list)
    paid: list[Amount] = field(default_factory=list)


@dataclass(frozen=True)
class CustomerRow:
    """`subscriptions`: most pressing first. `retried`: the open invoice with the most failed tries.

    `method`: the customer's own default; a subscription may have another one.
    """

    customer: Customer
    subscriptions: list[Subscription]
    items: list[Item]
    mrr: list[Amount]
    billed: Billed
    retried: Invoice | None
    method: PaymentMethod | None


def newest_customers() -> QuerySet[Customer]:
    return Customer.objects.order_by("-created_at", "-id")


def subscribing(status: str) -> Q:
    """Customers with a subscription in `status`; `canceled`: they had one and all have ended; `none`: never had one."""
    theirs = Subscription.objects.filter(customer_id=OuterRef("id"))
    if status == "none":
        return ~Q(Exists(theirs))
    if status == "canceled":
        return Q(Exists(theirs.filter(status="canceled"))) & ~Q(Exists(theirs.exclude(status__in=ENDED)))
    return Q(Exists(theirs.filter(status=status)))


def customer_rows(customers: Sequence[Customer]) -> list[CustomerRow]:
    """The page's rows with subscriptions, plans and sums of invoices: five queries, however many rows."""
    ids = [customer.id for customer in customers]
    subscriptions: dict[str, list[Subscription]] = {}
    for subscription in Subscription.objects.filter(customer_id__in=ids):
        subscriptions.setdefault(subscription.customer_id, []).append(subscription)
    running = [each for theirs in subscriptions.values() for each in theirs if each.status not in ENDED]
    items = items_of(each.id for each in running)
    sums = billed(ids)
    retried = most_retried(ids)
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


def billed(customer_ids: Iterable[str]) -> dict[str, Billed]:
    """Sums of their invoices by customer: one query."""
    sums: dict[str, Billed] = {}
    rows = (
        Invoice.objects.filter(customer_id__in=set(customer_ids), deleted_at=None)
        .order_by("customer_id", "currency")
        .values("customer_id", "currency")
        .annotate(remaining=Sum("amount_remaining", filter=Q(status="open")), paid=Sum("amount_paid"))
    )
    for row in rows:
        theirs = sums.setdefault(row["customer_id"], Billed())
        if row["remaining"]:
            theirs.open.append(Amount(row["remaining"], row["currency"]))
        if row["paid"]:
            theirs.paid.append(Amount(row["paid"], row["currency"]))
    return sums


def most_retried(customer_ids: Iterable[str]) -> dict[str, Invoice]:
    """The open invoice with the most failed tries, by customer: one query."""
    tried = Invoice.objects.filter(customer_id__in=set(customer_ids), status="open", attempt_count__gt=0)
    invoices = tried.filter(~money_on_its_way())
    return {invoice.customer_id: invoice for invoice in invoices.order_by("attempt_count", "created_at")}
