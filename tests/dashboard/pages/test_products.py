from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOON, a_customer, a_price, a_product, a_subscription, an_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, support):
    client.force_login(support)

    def fetch(query: str = "") -> str:
        return client.get(f"/console/products/{query}").content.decode()

    return fetch


def test_a_row_says_what_it_costs_who_pays_for_it_and_where_they_are(page):
    product = a_product(name="Business")
    price = a_price(product, unit_amount=Decimal(3300))
    a_price(product, active=False, unit_amount=Decimal(1100))
    an_item(a_subscription(a_customer(), mrr=Decimal(132000)), product, price_id=price.id, mrr=Decimal(132000))

    found = page()

    assert f'href="/console/products/{product.id}/"' in found
    assert "33.00 EUR a month" in found
    assert "11.00 EUR" not in found
    assert f'href="/console/subscriptions/?product={product.id}">1</a>' in found
    assert "1,320.00" in found


def test_archived_products_stand_behind_a_tab(page):
    a_product(name="Sold today")
    a_product(name="Sold once", active=False)
    a_product(name="Gone from Stripe", active=False, deleted_at=NOON)

    assert "Sold today" in page()
    assert "Sold once" not in page()
    assert "Sold once" in page("?status=archived")
    assert "Sold today" not in page("?status=archived")
    assert "Gone from Stripe" not in page("?status=all")


@pytest.mark.parametrize("words", ["busi", "price_of_it", "gold+nickname", "LOOKUP-1"])
def test_it_is_found_by_its_name_and_by_its_prices(page, words):
    product = a_product(name="Business")
    a_price(product, id="price_of_it", nickname="The gold nickname", lookup_key="lookup-1")
    a_product(name="Archive")

    found = page(f"?q={words}")

    assert "Business" in found
    assert "Archive<" not in found


def test_queries_do_not_grow_with_the_products(page):
    counted = []
    for size in (1, 10):
        for _ in range(size):
            product = a_product()
            for _ in range(3):
                an_item(a_subscription(a_customer()), product, price_id=a_price(product).id)
        with CaptureQueriesContext(connection) as queries:
            page()
        counted.append(len(queries))

    assert counted[0] == counted[1] <= 15
