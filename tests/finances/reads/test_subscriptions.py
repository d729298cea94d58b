from decimal import Decimal

import pytest

from finances.models import Subscription
from finances.reads.subscriptions import items_of, subscription_rows
from tests.factories import NOON, a_customer, a_product, a_subscription, an_item


def test_items_carry_their_products_names_dearest_first(db) -> None:
    subscription = a_subscription(a_customer())
    an_item(subscription, a_product(name="Add-on"), unit_amount=Decimal(500))
    an_item(subscription, a_product(name="Seats"), unit_amount=Decimal(100), quantity=Decimal(40))

    assert [item.product for item in items_of([subscription.id])[subscription.id]] == ["Seats", "Add-on"]


def test_a_product_that_was_never_read_is_named_by_its_id(db) -> None:
    subscription = a_subscription(a_customer())
    an_item(subscription, product_id="prod_unknown")

    assert items_of([subscription.id])[subscription.id][0].product == "prod_unknown"


def test_an_item_that_is_gone_from_stripe_is_left_out(db) -> None:
    subscription = a_subscription(a_customer())
    an_item(subscription, deleted_at=NOON)

    assert items_of([subscription.id]) == {}


@pytest.mark.parametrize("size", [2, 40])
def test_the_rows_of_a_page_cost_two_queries(db, django_assert_num_queries, size: int) -> None:
    for _ in range(size):
        an_item(a_subscription(a_customer()))
    subscriptions = list(Subscription.objects.all())

    with django_assert_num_queries(2):
        subscription_rows(subscriptions)
