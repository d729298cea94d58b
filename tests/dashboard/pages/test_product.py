from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from djstripe import models as djstripe

from finances.totals.products import count_due
from tests.factories import NOON, a_customer, a_delivery, a_price, a_product, a_subscription, an_item

pytestmark = pytest.mark.django_db


def of_stripe(model, id: str, **json) -> None:
    """What dj-stripe keeps of it."""
    model(id=id, stripe_data={"id": id} | json, livemode=False, created=NOON).save()


@pytest.fixture
def page(client, support):
    client.force_login(support)

    def fetch(product_id: str) -> str:
        return client.get(reverse("console:product", args=[product_id])).content.decode()

    return fetch


def test_each_price_says_what_it_costs_and_who_is_on_it(page):
    product = a_product(name="Business")
    monthly = a_price(product, unit_amount=Decimal(3300), nickname="Monthly, per seat")
    yearly = a_price(product, unit_amount=Decimal(33000), interval="year", active=False)
    an_item(a_subscription(a_customer(), mrr=Decimal(132000)), product, price_id=monthly.id, mrr=Decimal(132000))
    an_item(
        a_subscription(a_customer(), mrr=Decimal(2750), status="trialing"),
        product,
        price_id=yearly.id,
        mrr=Decimal(2750),
    )

    found = page(product.id)

    assert "33.00 EUR a month" in found
    assert "330.00 EUR a year" in found
    assert "Monthly, per seat" in found
    assert "Archived" in found
    assert f'href="/console/subscriptions/?price={monthly.id}">1</a>' in found
    assert f'href="/console/subscriptions/?price={yearly.id}">0</a>' in found
    assert "and 1 on trial" in found
    assert "1,320.00" in found


def test_tiers_are_a_table(page):
    product = a_product()
    price = a_price(product, unit_amount=None, tiers_mode="graduated")
    stored = djstripe.Product(id=product.id, stripe_data={"id": product.id}, livemode=False, created=NOON)
    stored.save()
    tiers = [
        {"up_to": 10, "unit_amount": 500, "unit_amount_decimal": "500", "flat_amount": None},
        {"up_to": 100, "unit_amount": None, "unit_amount_decimal": "250.5", "flat_amount": 1000},
        {"up_to": None, "unit_amount": 0, "unit_amount_decimal": "0", "flat_amount": None},
    ]
    json = {"id": price.id, "tiers": tiers, "currency_options": {"eur": {}, "sek": {}}}
    djstripe.Price(id=price.id, stripe_data=json, livemode=False, created=NOON, product=stored, active=True).save()

    found = page(product.id)

    for text in (
        "graduated tiers in EUR a month",
        "1 to 10",
        "11 to 100",
        "101 and more",
        "2.505",
        "10.00",
        "also in SEK",
    ):
        assert text in found
    assert "were not read yet" not in found


def test_tiers_that_were_never_read_are_said_so(page):
    product = a_product()
    a_price(product, unit_amount=None, tiers_mode="volume")

    assert "Its tiers were not read yet" in page(product.id)


def test_what_only_stripe_knows_is_shown_and_harmless(page):
    product = a_product(name="<script>alert(1)</script>")
    details = {"description": "<b>Bold</b>", "unit_label": "seat", "metadata": {"team": '"><img src=x>'}}
    of_stripe(djstripe.Product, product.id, **details, marketing_features=[{"name": "Fast"}, "nonsense"])
    a_delivery(object_id=product.id, object_type="product", event_type="product.updated")

    found = page(product.id)

    assert "&lt;b&gt;Bold&lt;/b&gt;" in found
    assert "seat" in found
    assert "Fast" in found
    assert "<script>alert(1)" not in found
    assert "<img src=x>" not in found


def test_a_product_that_nobody_knows_is_not_found(client, support):
    client.force_login(support)

    assert client.get("/console/products/prod_unknown/").status_code == 404


def test_its_id_may_be_whatever_somebody_typed(page):
    product = a_product(id="../../admin?x=1#y", name="Odd one")

    assert "Odd one" in page(product.id)


@pytest.mark.parametrize(("is_counted", "most"), [(True, 18), (False, 22)])
def test_queries_do_not_grow_with_the_prices(page, is_counted: bool, most: int):
    queries_of = []
    for size in (1, 12):
        product = a_product()
        for _ in range(size):
            price = a_price(product)
            an_item(a_subscription(a_customer()), product, price_id=price.id)
        if is_counted:
            count_due()
        with CaptureQueriesContext(connection) as queries:
            page(product.id)
        queries_of.append(len(queries))

    assert queries_of[0] == queries_of[1] <= most
