"""Lists narrowed by a product or a price: told by the list of subscriptions."""

from decimal import Decimal

import pytest
from django.http import QueryDict

from dashboard.filters.catalogue import called
from dashboard.filters.subscriptions import SubscriptionsFilter
from finances.reads.catalogue import Choice
from finances.reads.subscriptions import newest_subscriptions
from tests.factories import NOON, a_customer, a_price, a_product, a_subscription, an_item

pytestmark = pytest.mark.django_db


def filters(query: str) -> SubscriptionsFilter:
    return SubscriptionsFilter(QueryDict(query), newest_subscriptions(), now=NOON)


def meant(query: str) -> dict[str, str]:
    return SubscriptionsFilter.by_id(SubscriptionsFilter.meant(QueryDict(query))).dict()


def test_the_chip_says_the_name_and_the_address_keeps_the_id() -> None:
    product = a_product(name="Business")
    price = a_price(product, nickname="Early birds")

    read = filters(f"product={product.id}&price={price.id}")

    assert [chip.text for chip in read.chips()] == [
        "Product: Business",
        "Price: Business, 29.00 EUR a month (Early birds)",
    ]
    assert read.query() == f"?product={product.id}&price={price.id}"


def test_a_name_that_is_typed_is_the_id_in_the_address() -> None:
    product = a_product(name="Business Plus")
    price = a_price(product, nickname="Early birds")
    a_product(name="Starter")

    assert meant("product=business+plus&price=EARLY+BIRDS") == {"product": product.id, "price": price.id}
    assert meant("product=plus") == {"product": product.id}
    assert meant('q=product:"Business+Plus"+status:active') == {"product": product.id, "status": "active"}


def test_a_name_narrows_the_list_wherever_it_stands() -> None:
    product = a_product(name="Business")
    with_it, without = a_subscription(a_customer()), a_subscription(a_customer())
    an_item(with_it, product)

    assert list(filters("product=business").qs) == [with_it]
    assert list(filters("q=-product:business").qs) == [without]


def test_the_name_of_one_is_that_one_though_others_hold_it_too() -> None:
    business = a_product(name="Business")
    a_product(name="Business Plus")

    assert meant("product=business") == {"product": business.id}


def test_a_name_of_several_is_left_out_and_each_of_them_is_offered() -> None:
    first, second = a_product(name="Business 2025", id="first"), a_product(name="Business 2026", id="second")
    subscription = a_subscription(a_customer())

    read = filters("product=business&status=active")

    assert list(read.qs) == [subscription]
    assert list(read.left_out()) == ["Product: business may mean several; it was left out."]
    assert [tuple(each) for each in read.suggestions()] == [
        ("Product: Business 2025", f"?status=active&product={first.id}"),
        ("Product: Business 2026", f"?status=active&product={second.id}"),
    ]
    assert meant("product=business") == {"product": "business"}


@pytest.mark.parametrize("value", ["no such thing", "Bussiness", "x" * 256, "a%00b"])
def test_a_name_of_none_is_named_and_left_out(value: str) -> None:
    a_product()

    (sentence,) = filters(f"product={value}").left_out()
    assert sentence.startswith("Product: ")
    assert sentence.endswith(" is not known here; it was left out.")
    assert filters(f"product={value}").suggestions() == []
    assert meant(f"product={value}")


@pytest.mark.parametrize("id", ["prod_never_read", "my-own.product"])
def test_an_id_of_what_was_never_read_still_asks_for_it(id: str) -> None:
    a_product(name="Other")
    subscription = a_subscription(a_customer())
    an_item(subscription, product_id=id)

    read = filters(f"product={id}")

    assert list(read.qs) == [subscription]
    assert [chip.text for chip in read.chips()] == [f"Product: {id}"]


def test_an_id_of_stripes_making_is_looked_up_once(django_assert_num_queries) -> None:
    product = a_product()
    with django_assert_num_queries(0):
        asked = SubscriptionsFilter.by_id(QueryDict(f"product={product.id}", mutable=True))
    read = filters(asked.urlencode())
    with django_assert_num_queries(1):
        assert [read.chips(), read.in_words(), read.suggestions(), list(read.left_out())][0]


def test_a_price_without_names_is_called_by_what_it_costs() -> None:
    price = a_price(a_product(), unit_amount=Decimal(990), interval="year")

    assert called(Choice(price.id, "", price)) == "9.90 EUR a year"
    assert called(Choice("prod_1", "")) == "prod_1"


def test_two_of_one_name_are_told_apart_by_their_ids() -> None:
    first, second = a_product(name="Pier"), a_product(name="Pier")

    suggestions = [each.words for each in filters("product=Pier").suggestions()]

    assert sorted(suggestions) == sorted(f"Product: Pier ({each.id})" for each in (first, second))


def test_one_that_not_everybody_may_use_is_no_filter_for_them() -> None:
    product = a_product(name="Secret plan")
    asked = QueryDict(f"product={product.id}")
    read = SubscriptionsFilter(asked, newest_subscriptions(), now=NOON, without=SubscriptionsFilter.of_catalogue())

    assert list(read.left_out()) == ["product is not a filter here; it was left out."]
    assert read.chips() == []


@pytest.mark.parametrize("typed", ["Café", "cafe", "CAFÉ"])
def test_a_name_means_its_product_with_and_without_its_accents(typed: str) -> None:
    cafe = a_product(name="Café")
    a_product(name="Café Plus")

    assert meant(f"product={typed}") == {"product": cafe.id}
