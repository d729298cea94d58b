from collections.abc import Iterator, Sequence
from datetime import datetime

from dashboard.exports.sheet import Sheet
from dashboard.tables.customers import status
from dashboard.tables.payment_methods import name as method_name
from dashboard.tables.subscriptions import plan
from finances.models import Customer
from finances.money import major
from finances.reads.customers import Amount, CustomerRow, customer_rows

HEADS = (
    *("id", "name", "email", "phone", "country", "subscriber_id", "status", "plan", "subscriptions", "delinquent"),
    *("currency", "mrr", "open", "paid", "balance", "default_payment_method", "created_at", "deleted_at"),
)


def lines(customers: Sequence[Customer], now: datetime) -> Iterator[Sequence[object]]:
    """A customer has a line for each currency that there is an amount in, so that no cell holds two."""
    for row in customer_rows(customers):
        for currency in currencies(row):
            yield line(row, currency)


def currencies(row: CustomerRow) -> list[str]:
    amounts = (*row.mrr, *row.billed.open, *row.billed.paid)
    held = {row.customer.currency} if row.customer.balance else set()
    return sorted({each.currency for each in amounts} | held) or [row.customer.currency]


def line(row: CustomerRow, currency: str) -> Sequence[object]:
    customer = row.customer
    return (
        customer.id,
        customer.name,
        customer.email,
        customer.phone,
        customer.country,
        customer.subscriber_id,
        status(row.subscriptions),
        plan(row.items),
        len(row.subscriptions),
        customer.delinquent,
        currency.upper(),
        of_currency(row.mrr, currency),
        of_currency(row.billed.open, currency),
        of_currency(row.billed.paid, currency),
        major(customer.balance, currency) if currency and currency == customer.currency else None,
        method_name(row.method) if row.method else "",
        customer.created_at,
        customer.deleted_at,
    )


def of_currency(amounts: Sequence[Amount], currency: str) -> object:
    """None where there is nothing, or where it cannot be computed."""
    minor = next((each.minor for each in amounts if each.currency == currency), None)
    return None if minor is None else major(minor, currency)


SHEET = Sheet(HEADS, lines)
