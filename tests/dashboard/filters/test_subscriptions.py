from django.http import QueryDict

from dashboard.filters.subscriptions import SubscriptionsFilter
from finances.models import Subscription
from finances.reads.subscriptions import newest_subscriptions
from tests.factories import NOON, a_customer, a_subscription


def found(query: str) -> list[Subscription]:
    filters = SubscriptionsFilter(QueryDict(query), newest_subscriptions(), now=NOON)
    assert not list(filters.left_out())
    return list(filters.qs)


def test_search_takes_ids_and_the_customers_name(db) -> None:
    theirs = a_subscription(a_customer(name="Müller"))
    a_subscription(a_customer())

    assert found("q=müller") == found(f"q={theirs.id.upper()}") == found(f"q={theirs.customer_id}") == [theirs]


def test_what_cancels_at_its_periods_end_can_be_asked_for(db) -> None:
    customer = a_customer()
    ends, stays = a_subscription(customer, cancel_at_period_end=True), a_subscription(customer)

    assert (found("cancels=yes"), found("cancels=no")) == ([ends], [stays])
    assert found(f"customer={customer.id}&currency=usd") == []
