from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.reads.catalogue import prices_like, products_like
from tests.factories import NOON, a_price, a_product

pytestmark = pytest.mark.django_db


def ids(found) -> list[str]:
    return [each.id for each in found]


def test_products_are_found_by_each_word_and_active_ones_come_first() -> None:
    archived = a_product(name="Business 2024", active=False)
    business, plus = a_product(name="Business"), a_product(name="Business Plus")
    a_product(name="Starter")
    a_product(name="Business of old", deleted_at=NOON)

    assert ids(products_like("business")) == [business.id, plus.id, archived.id]
    assert ids(products_like("plus BUSINESS")) == [plus.id]


def test_what_is_called_just_so_comes_before_what_only_holds_it() -> None:
    a_product(name="A plan for everybody")
    plan = a_product(name="Plan", active=False)
    a_product(name="Another", id="my-plan")
    gone = a_product(name="Gone", id="gone", deleted_at=NOON)

    assert ids(products_like("plan"))[0] == plan.id
    assert ids(products_like("my-plan")) == ["my-plan"]
    assert ids(products_like("gone")) == [gone.id]  # what was sold once is still asked for


def test_without_a_word_all_that_are_sold_are_there_to_choose_from_as_many_as_are_asked_for() -> None:
    names = ["Archive", "Business", "Starter"]
    for name in reversed(names):
        a_product(name=name)

    assert [each.product for each in products_like("")] == names
    assert [each.product for each in products_like("", 2)] == names[:2]


@pytest.mark.parametrize(
    "words",
    ["starter 29", "29.00", "Early", "early starter", "sale-2026", "STARTER month eur"],
)
def test_a_price_is_found_by_its_product_its_amount_and_its_own_names(words: str) -> None:
    starter = a_product(name="Starter")
    price = a_price(starter, nickname="Early birds", lookup_key="sale-2026")
    a_price(starter, unit_amount=Decimal(29000), interval="year")
    a_price(a_product(name="Business"), unit_amount=Decimal(3300), currency="usd")

    assert ids(prices_like(words)) == [price.id]


@pytest.mark.parametrize("words", ["Café Plus", "CAFE", "Früh", "fruh", "größe-1", "GROSSE-1"])
def test_names_are_found_with_and_without_their_accents(words: str) -> None:
    cafe = a_product(name="Café Plus")
    price = a_price(cafe, nickname="Früh dabei", lookup_key="größe-1")
    a_price(a_product(name="Starter"))

    assert ids(prices_like(words)) == ids(prices_like(words.lower())) == [price.id]
    assert ids(products_like(words)) == [cafe.id]


def test_an_amount_is_in_each_prices_own_major_units() -> None:
    yen = a_price(a_product(), currency="jpy", unit_amount=Decimal(2900))
    a_price(a_product())

    assert ids(prices_like("2900")) == [yen.id]


def test_a_price_comes_with_its_products_name_and_without_where_that_was_never_read() -> None:
    known = a_price(a_product(name="Starter"))
    lost = a_price(a_product(name="Other"))
    lost.product_id = "prod_never_read"
    lost.save()

    assert {each.id: each.product for each in prices_like("")} == {known.id: "Starter", lost.id: ""}


@pytest.mark.parametrize("like", [products_like, prices_like])
def test_it_takes_one_query(like) -> None:
    a_price(a_product())

    with CaptureQueriesContext(connection) as queries:
        assert like("starter 29") or like is products_like
    assert len(queries) == 1
