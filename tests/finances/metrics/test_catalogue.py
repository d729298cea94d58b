from decimal import Decimal

import pytest

from finances.metrics.catalogue import Use, use_of
from finances.models import ProductUse, Subscription
from finances.totals.products import count_due
from finances.totals.rebuilding import TotalDrift, rebuild_totals
from tests.factories import a_customer, a_product, a_subscription, an_item

pytestmark = pytest.mark.django_db


def test_subscriptions_that_are_paid_for_count_and_trials_stand_beside():
    product, customer = a_product(), a_customer()
    for fields in ({}, {"status": "past_due"}, {"status": "trialing"}, {"status": "canceled"}, {"status": "unpaid"}):
        an_item(a_subscription(customer, **fields), product)

    use = use_of("product_id", [product.id])[product.id]

    assert (use.subscriptions, use.subscribers, use.trials) == (2, 1, 1)
    assert use.mrr == [("eur", Decimal(5800))]


def test_currencies_stand_alone_and_what_has_no_value_beside():
    product = a_product()
    for currency, mrr in (("eur", 2900), ("jpy", 3000), ("eur", None)):
        an_item(a_subscription(a_customer(), currency=currency, mrr=mrr), product, mrr=mrr)

    use = use_of("product_id", [product.id])[product.id]

    assert use.mrr == [("eur", Decimal(2900)), ("jpy", Decimal(3000))]
    assert use.uncounted == 1


def test_a_subscription_with_two_products_is_counted_in_each_with_its_part_of_the_value():
    one, other = a_product(), a_product()
    subscription = a_subscription(a_customer(), mrr=Decimal(3900))
    an_item(subscription, one)
    an_item(subscription, other, mrr=Decimal(1000))

    found = use_of("product_id", [one.id, other.id])

    assert [(found[each.id].subscriptions, found[each.id].mrr) for each in (one, other)] == [
        (1, [("eur", Decimal(2900))]),
        (1, [("eur", Decimal(1000))]),
    ]


def test_two_prices_of_one_product_are_one_subscription_of_it_and_their_values_together():
    product = a_product()
    subscription = a_subscription(a_customer())
    an_item(subscription, product, price_id="price_seats")
    an_item(subscription, product, price_id="price_usage", quantity=None, mrr=Decimal(0))

    of_product = use_of("product_id", [product.id])[product.id]
    of_price = use_of("price_id", ["price_seats"])["price_seats"]

    assert (of_product.subscriptions, of_product.mrr) == (1, [("eur", Decimal(2900))])
    assert (of_price.subscriptions, of_price.mrr) == (1, [("eur", Decimal(2900))])


@pytest.mark.parametrize("is_counted", [False, True])
def test_what_was_counted_beforehand_is_what_the_rows_say(django_assert_num_queries, is_counted):
    products = [a_product() for _ in range(3)]
    for product in products[:2]:
        an_item(a_subscription(a_customer()), product)
        an_item(a_subscription(a_customer(), currency="usd", status="past_due"), product, mrr=None)
        an_item(a_subscription(a_customer(), status="trialing"), product)
    if is_counted:
        count_due()

    with django_assert_num_queries(2 if is_counted else 4):
        found = use_of("product_id", [product.id for product in products])
    of_prices = use_of("price_id", [f"price_of_{product.id}" for product in products])

    wanted = Use(subscriptions=2, subscribers=2, trials=1, uncounted=1, mrr=[("eur", Decimal(2900))])
    assert found == {product.id: wanted for product in products[:2]}
    assert of_prices == {f"price_of_{product.id}": wanted for product in products[:2]}


def test_of_a_product_that_changed_since_the_rows_are_read_and_of_the_others_not():
    one, other = a_product(), a_product()
    subscriptions = [a_subscription(a_customer()) for _ in range(2)]
    for subscription, product in zip(subscriptions, (one, other), strict=True):
        an_item(subscription, product)
    count_due()
    ProductUse.objects.filter(product_id=other.id, price_id="").update(subscribers=7)

    Subscription.objects.filter(id=subscriptions[0].id).update(status="canceled")

    assert use_of("product_id", [one.id, other.id]).keys() == {other.id}
    assert use_of("product_id", [other.id])[other.id].subscribers == 7
    count_due()
    assert list(rebuild_totals()) == [
        TotalDrift("ProductUse", other.id, ["subscribers"]),
    ]
    assert not ProductUse.objects.filter(product_id=one.id).exists()
    assert list(rebuild_totals(check_only=True)) == []
