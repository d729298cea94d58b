"""What a list is asked for by its search text, of the rows that a test made."""

from typing import Any

from django.http import QueryDict

from dashboard.filters.credit_notes import CreditNotesFilter
from dashboard.filters.customers import CustomersFilter
from dashboard.filters.invoices import InvoicesFilter
from dashboard.filters.list_filter import ListFilter
from dashboard.filters.payments import PaymentsFilter
from dashboard.filters.subscriptions import SubscriptionsFilter
from finances.models import (
    CreditNote,
    Customer,
    Invoice,
    Payment,
    Subscription,
)
from tests.factories import (
    NOON,
)

LISTS: dict[type[ListFilter], Any] = {
    InvoicesFilter: Invoice,
    CustomersFilter: Customer,
    PaymentsFilter: Payment,
    SubscriptionsFilter: Subscription,
    CreditNotesFilter: CreditNote,
}


def asked(filter_class: type[ListFilter], text: str) -> ListFilter:
    data = QueryDict(mutable=True)
    data["q"] = text
    rows = LISTS[filter_class].objects.order_by("-created_at", "-id")
    return filter_class(filter_class.meant(data), rows, now=NOON)


def found(filter_class: type[ListFilter], text: str) -> set[Any]:
    filters = asked(filter_class, text)
    assert not list(filters.left_out())
    return set(filters.qs)


def both(filter_class: type[ListFilter], term: str, yes: Any, no: Any) -> None:
    """The term is true of `yes` alone, and negated of `no` alone."""
    assert found(filter_class, term) == {yes}
    assert found(filter_class, f"-{term}") == {no}
