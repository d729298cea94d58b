from django.http import QueryDict

from dashboard.filters.customers import CustomersFilter
from finances.reads.customers import newest_customers
from tests.factories import NOON, a_customer, a_subscription


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
