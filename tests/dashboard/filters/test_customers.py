from datetime import UTC, datetime

import pytest
from django.http import QueryDict

from dashboard.filters.customers import CustomersFilter
from finances.reads.customers import newest_customers
from tests.factories import NOON, a_customer, a_payment_method, a_subscription


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
