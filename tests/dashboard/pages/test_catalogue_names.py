import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import a_customer, a_price, a_product, a_subscription, a_user, an_item

pytestmark = pytest.mark.django_db
LISTS = ("customers", "subscriptions", "invoices", "payments")
HTMX = {"HX-Request": "true"}
EVIL = '"><script>alert(1)</script>'


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_products_are_offered_by_name_and_prices_by_what_they_cost(desk) -> None:
    product = a_product(name="Business")
    price = a_price(product, nickname="Early birds")
    a_product(name="Starter")

    products = text(desk.get("/console/names/products/?product=busi", headers=HTMX))
    prices = text(desk.get("/console/names/prices/?price=29", headers=HTMX))

    assert products == f'<option value="{product.id}">Business</option>'
    assert prices == f'<option value="{price.id}">Business, 29.00 EUR a month (Early birds)</option>'


def test_hostile_names_are_text(desk) -> None:
    a_price(a_product(name=EVIL, id="evil"), nickname=EVIL)

    for address in ("names/products/?product=%00", "names/prices/", "subscriptions/?product=evil"):
        assert "<script>alert" not in text(desk.get(f"/console/{address}"))


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_for_names_only_once_its_field_is_used(desk, name: str) -> None:
    a_product(name="Business")

    page = text(desk.get(f"/console/{name}/"))

    for what, field in (("products", "product"), ("prices", "price")):
        assert f'hx-get="/console/names/{what}/"' in page
        assert f'list="{field}-names"' in page
        assert f'<datalist id="{field}-names"></datalist>' in page
    assert "Business" not in page


@pytest.mark.parametrize("name", LISTS)
def test_a_name_typed_without_a_script_leads_to_the_address_with_the_id(desk, name: str) -> None:
    product = a_product(name="Business Plus")

    response = desk.get(f"/console/{name}/?product=business+plus&q=")

    assert (response.status_code, response["Location"]) == (302, f"/console/{name}/?product={product.id}")
    page = text(desk.get(response["Location"]))
    assert page.count("roduct: Business Plus") == 2  # the chip, and what takes it away
    assert 'aria-describedby="id_product-name" id="id_product" list="product-names"' in page
    assert '<bdi id="id_product-name" class="pd-small pd-mute pd-field-name">Business Plus</bdi>' in page


def test_of_a_name_that_several_have_each_is_a_link(desk) -> None:
    product = a_product(name="Business 2025")
    a_product(name="Business 2026")

    page = text(desk.get("/console/subscriptions/?product=business&status=active"))

    assert "Product: business may mean several; it was left out." in page
    assert f'href="?status=active&amp;product={product.id}"><bdi>Product: Business 2025</bdi>' in page


def test_what_is_typed_into_the_search_becomes_the_id_in_the_browsers_address(desk) -> None:
    product = a_product(name="Business")

    response = desk.get("/console/subscriptions/?q=product:business&was=", headers=HTMX | {"HX-Target": "results"})

    assert response["HX-Push-Url"] == f"/console/subscriptions/?product={product.id}"


def test_the_name_of_the_chip_costs_one_query(desk) -> None:
    product = a_product()
    an_item(a_subscription(a_customer()), product)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as made:
            text(desk.get(address))
        return len(made)

    queries("/console/subscriptions/")
    without = queries("/console/subscriptions/?currency=eur")
    assert queries(f"/console/subscriptions/?product={product.id}") == without + 1


@pytest.mark.parametrize("asked", ["product=Secret", "product=prod_1", "q=product:Secret"])
def test_a_role_of_ones_own_that_may_not_see_products_reads_no_name_of_one(client, asked: str) -> None:
    for id in ("prod_1", "prod_2"):
        a_product(id=id, name="Secret plan")
    person = a_user()
    person.user_permissions.add(*Permission.objects.filter(codename__in=["view_subscription", "view_customer"]))
    client.force_login(person)

    page = client.get(f"/console/subscriptions/?{asked}", follow=True).content.decode()

    assert "product is not a filter here; it was left out." in page
    assert "Secret plan" not in page
    assert "/console/names/" not in page
