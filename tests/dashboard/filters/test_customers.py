from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from dashboard.filters.customers import CustomersFilter
from finances.mirror.projections.values import dialled, search_text
from finances.reads.customers import newest_customers
from tests.factories import NOON, a_customer, a_payment_method, a_product, a_subscription, an_item


def found(query: str) -> list[str]:
    filters = CustomersFilter(QueryDict(query), newest_customers(), now=NOON)
    assert not list(filters.left_out())
    return sorted(each.name for each in filters.qs)


def test_search_takes_e_mail_name_and_id_in_any_case(db) -> None:
    a_customer(name="Zoë Müller", email="Zoe@Example.test", id="cus_Abc")
    a_customer(name="Other")

    assert found("q=ZOË+example") == found("q=CUS_ABC") == found("q=%EF%BD%9Aoe%40") == ["Zoë Müller"]


def test_conditions_narrow_together(db) -> None:
    for name, currency, delinquent in [("a", "eur", True), ("b", "usd", True), ("c", "eur", False)]:
        a_subscription(a_customer(name=name, currency=currency, delinquent=delinquent))

    assert found("currency=EUR&delinquent=yes&status=active") == ["a"]
    assert found("delinquent=no") == ["c"]
    assert found("status=none") == []


def month(number: int) -> datetime:
    return datetime(2026, number, 10, tzinfo=UTC)


def test_who_subscribed_came_back_or_left_in_a_month_can_be_asked_for(db) -> None:
    for name, times in {
        "new": [(month(10), None)],
        "back": [(month(1), month(3)), (month(10), None)],
        "lost": [(month(1), month(10))],
        "stays": [(month(1), None)],
    }.items():
        customer = a_customer(name=name)
        for since, until in times:
            a_subscription(customer, paying_since=since, paying_until=until)

    assert found("new=2026-10") == ["new"]
    assert found("returned=2026-10") == ["back"]
    assert found("lost=2026-10") == ["lost"]
    assert found("new=2026-01&status=active") == ["back", "lost", "stays"]


def test_who_is_charged_to_a_card_that_expires_can_be_asked_for(db) -> None:
    for name, expires in [("soon", 11), ("later", 12)]:
        customer = a_customer(name=name)
        card = a_payment_method(customer, expires_month=expires, expires_year=2026)
        a_subscription(customer, default_payment_method_id=card.id)

    assert found("card_expires=2026-11") == ["soon"]


def test_a_country_is_asked_for_in_any_case(db) -> None:
    a_customer(name="a", country="DE")
    a_customer(name="b", country="FR")

    assert found("country=de") == ["a"]


@pytest.mark.parametrize("query", ["new=2026", "lost=soon", "returned=2026-13", "card_expires=x", "country=Germany"])
def test_what_does_not_read_changes_nothing(db, query: str) -> None:
    a_customer()

    filters = CustomersFilter(QueryDict(query), newest_customers(), now=NOON)
    assert len(list(filters.left_out())) == 1
    assert filters.qs.count() == 1


def test_months_are_named_in_their_chips(db) -> None:
    filters = CustomersFilter(QueryDict("new=2026-10&lost=2026-01&card_expires=2026-11"), newest_customers(), now=NOON)

    assert [chip.text for chip in filters.chips()] == [
        "New subscribers in October 2026",
        "Subscribers lost in January 2026",
        "Charged to a card that expires in November 2026",
    ]


def with_number(name: str, phone: str) -> None:
    text = search_text(name, phone, dialled(phone))
    a_customer(name=name, phone=phone, search_text=text)


@pytest.mark.parametrize("asked", ["+49 30 5550 4711", "030 55504711", "0049 (0)30 5550-4711", "5550 47"])
def test_a_telephone_number_is_found_however_it_is_written(db, asked: str) -> None:
    with_number("spaced", "+49 30 5550 4711")
    with_number("dialled", "+493055504711")
    with_number("other", "+49 30 5550 9999")

    assert found(urlencode({"phone": asked})) == ["dialled", "spaced"]
    assert found(urlencode({"q": f'phone:~"{asked}"'})) == ["dialled", "spaced"]
    assert found(urlencode({"q": f'-phone:"{asked}"'})) == ["other"]


def test_digits_elsewhere_are_no_telephone_number(db) -> None:
    a_customer(name="4711 Ltd", phone="+1555")

    assert found("phone=4711") == []


def test_what_cannot_be_a_telephone_number_is_said(db) -> None:
    filters = CustomersFilter(QueryDict("phone=ada"), newest_customers(), now=NOON)

    assert list(filters.left_out()) == ["Phone: ada is not known here; it was left out."]


def test_what_is_asked_of_a_subscription_is_asked_of_one_and_the_same(db) -> None:
    starter, pro = a_product(name="Starter"), a_product(name="Pro")
    both, one = a_customer(name="two subscriptions"), a_customer(name="one subscription")
    for customer, product, fields in (
        (both, starter, {"mrr": 1000, "collection_method": "send_invoice"}),
        (both, pro, {"mrr": 90000, "collection_method": "charge_automatically"}),
        (one, pro, {"mrr": 5000, "collection_method": "send_invoice"}),
    ):
        an_item(a_subscription(customer, **fields), product=product)
    a_subscription(a_customer(name="has left"), mrr=5000, status="canceled", collection_method="send_invoice")

    assert found("amount_from=40&amount_to=60") == ["one subscription"]
    assert found("amount_from=100") == ["two subscriptions"]
    assert found("collection=send_invoice") == ["one subscription", "two subscriptions"]
    assert found(f"collection=send_invoice&product={pro.id}") == ["one subscription"]
    assert found(f"product={starter.id}&amount_from=100") == []


def test_those_whose_subscriptions_expired_or_are_paused_have_a_tab(db) -> None:
    for name, status in (("expired", "incomplete_expired"), ("paused", "paused"), ("incomplete", "incomplete")):
        a_subscription(a_customer(name=name), status=status)

    assert [found(f"status={name}") for name in ("expired", "paused", "incomplete")] == [
        ["expired"],
        ["paused"],
        ["incomplete"],
    ]
