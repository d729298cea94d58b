"""One customer's page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum
from djstripe import models as djstripe

from finances.models import Customer, Delivery, Invoice, Subscription
from finances.reads.customers import Amount, Billed, recurring_revenue
from finances.reads.invoices import InvoiceRow, is_past_due, past_due
from finances.reads.stored import at, id_at, pairs_at, stored, text_at
from finances.reads.subscriptions import SubscriptionRow, items_of, most_pressing_first
from finances.reads.timeline import customer_timeline

NEWEST_INVOICES = 8


@dataclass(frozen=True)
class Details:
    """What only Stripe's JSON holds. `address`: its lines, none empty."""

    description: str
    address: list[str]
    phone: str
    languages: list[str]
    default_payment_method: str
    metadata: list[tuple[str, str]]


@dataclass(frozen=True)
class CustomerPage:
    """`late`: the open invoice that is past due with the most failed tries, then the oldest; `late_count`: all such."""

    customer: Customer
    subscriptions: list[SubscriptionRow]
    mrr: list[Amount]
    billed: Billed
    invoices: list[InvoiceRow]
    invoice_count: int
    open_count: int
    late: Invoice | None
    late_count: int
    details: Details
    timeline: list[Delivery]


def customer_page(customer_id: str, now: datetime) -> CustomerPage:
    """Nine queries, whatever the customer has. Raises Customer.DoesNotExist."""
    customer = Customer.objects.get(id=customer_id)
    subscriptions = most_pressing_first(Subscription.objects.filter(customer_id=customer_id))
    items = items_of(each.id for each in subscriptions)
    invoices = Invoice.objects.filter(customer_id=customer_id, deleted_at=None)
    sums = list(
        invoices.order_by("currency")
        .values("currency")
        .annotate(
            invoices=Count("id"),
            open=Count("id", filter=Q(status="open")),
            late=Count("id", filter=past_due(now)),
            remaining=Sum("amount_remaining", filter=Q(status="open")),
            paid=Sum("amount_paid"),
        )
    )
    newest = invoices.order_by("-created_at", "-id")[:NEWEST_INVOICES]
    return CustomerPage(
        customer=customer,
        subscriptions=[SubscriptionRow(each, customer, items.get(each.id, [])) for each in subscriptions],
        mrr=recurring_revenue(subscriptions),
        billed=Billed(
            open=[Amount(row["remaining"], row["currency"]) for row in sums if row["remaining"]],
            paid=[Amount(row["paid"], row["currency"]) for row in sums if row["paid"]],
        ),
        invoices=[InvoiceRow(each, customer, is_past_due(each, now)) for each in newest],
        invoice_count=sum(row["invoices"] for row in sums),
        open_count=sum(row["open"] for row in sums),
        late=invoices.filter(past_due(now)).order_by("-attempt_count", "created_at").first(),
        late_count=sum(row["late"] for row in sums),
        details=details(stored(djstripe.Customer, customer_id)),
        timeline=list(customer_timeline(customer_id)),
    )


def details(customer: dict[str, Any]) -> Details:
    """From Stripe's customer, of any API version; what is missing is empty."""
    languages = at(customer, "preferred_locales")
    return Details(
        description=text_at(customer, "description"),
        address=address_lines(at(customer, "address")),
        phone=text_at(customer, "phone"),
        languages=[each for each in languages if isinstance(each, str)] if isinstance(languages, list) else [],
        default_payment_method=id_at(customer, "invoice_settings", "default_payment_method")
        or id_at(customer, "default_source"),
        metadata=pairs_at(customer, "metadata"),
    )


def address_lines(address: Any) -> list[str]:
    """Stripe's address as lines: street, street, post code and city, region, country."""
    town = f"{text_at(address, 'postal_code')} {text_at(address, 'city')}".strip()
    lines = [text_at(address, "line1"), text_at(address, "line2"), town]
    return [line for line in [*lines, text_at(address, "state"), text_at(address, "country")] if line]
