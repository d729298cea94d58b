from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict

from dashboard.filters.subscriptions import SubscriptionsFilter
from finances.models import Subscription
from finances.reads.subscriptions import newest_subscriptions
from tests.factories import NOON, a_customer, a_product, a_subscription, an_item


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
    a_subscription(customer, cancel_at_period_end=True, status="canceled")

    assert (found("cancels=yes"), found("cancels=no")) == ([ends], [stays])
    assert found(f"customer={customer.id}&currency=usd") == []


def test_the_months_in_which_they_began_and_stopped_to_be_paid_for(db, settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    customer = a_customer()
    night = datetime(2026, 9, 30, 22, tzinfo=UTC)  # in Berlin it is October already
    october = a_subscription(customer, paying_since=night, paying_until=NOON)
    a_subscription(customer, paying_since=night - timedelta(seconds=1))

    assert found("since=2026-10") == found("until=2026-11") == [october]
    filters = SubscriptionsFilter(QueryDict("since=2026-10&until=2026-11"), newest_subscriptions(), now=NOON)
    assert [chip.text for chip in filters.chips()] == ["Paid for since October 2026", "Paid for until November 2026"]


def test_those_that_are_paid_for_with_a_value_and_without(db) -> None:
    customer = a_customer()
    unknown = a_subscription(customer, mrr=None, mrr_gap="tiers_unknown")
    a_subscription(customer, mrr=None, paying_until=NOON)
    a_subscription(customer, mrr=None, paying_since=None)
    free = a_subscription(customer, mrr=0)

    assert (found("mrr=unknown"), found("mrr=counted")) == ([unknown], [free])


def test_those_that_hold_a_product_or_a_price(db) -> None:
    subscription, other = (a_subscription(a_customer()) for _ in range(2))
    product = a_product(id="my-own.product")
    an_item(subscription, product, price_id="price_1")
    an_item(other, product, price_id="price_1", deleted_at=NOON)

    assert found("product=my-own.product") == found("price=price_1") == [subscription]


@pytest.mark.parametrize(
    ("parameter", "column"),
    [("period_end", "current_period_end"), ("trial_end", "trial_ends_at"), ("canceled", "canceled_at")],
)
def test_the_days_of_what_ends_can_be_asked_for(db, parameter: str, column: str) -> None:
    customer = a_customer()
    theirs = a_subscription(customer, **{column: NOON})
    a_subscription(customer, **{column: NOON + timedelta(days=1)})
    a_subscription(customer, **{column: NOON - timedelta(days=1)})
    day = f"{NOON:%Y-%m-%d}"

    assert found(f"{parameter}_from={day}&{parameter}_to={day}") == [theirs]
