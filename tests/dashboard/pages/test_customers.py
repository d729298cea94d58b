from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOON, a_customer, a_product, a_subscription, an_invoice, an_item

pytestmark = pytest.mark.django_db
ADDRESS = "/console/customers/"


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def text(response) -> str:
    return response.content.decode()


def test_a_row_says_who_how_they_stand_and_what_they_pay(desk) -> None:
    customer = a_customer(name="Nordlicht", email="hallo@nordlicht.test")
    an_item(a_subscription(customer, status="past_due", mrr=128400), a_product(name="Business"), quantity=40)
    an_invoice(customer, status="open", total=152796, attempt_count=3)

    page = text(desk.get(ADDRESS))
    for words in (
        "Nordlicht",
        "hallo@nordlicht.test",
        "Past due",
        "3 tries failed",
        "Business, 40 seats",
        "1,284.00",
        "1,527.96",
    ):
        assert words in page


def test_tabs_count_with_the_other_conditions_in_force(desk) -> None:
    a_subscription(a_customer(currency="eur"))
    a_subscription(a_customer(currency="usd"))
    a_customer(currency="usd")

    tabs = desk.get(ADDRESS + "?currency=usd&status=none").context["tabs"]
    assert {tab.label: tab.matches for tab in tabs if tab.matches} == {
        "All": 2,
        "Active": 1,
        "No subscription": 1,
    }
    assert [tab.label for tab in tabs if tab.current] == ["No subscription"]


def test_pages_go_older_and_back_and_keep_the_conditions(desk) -> None:
    made = [a_customer(created_at=NOON + timedelta(minutes=minute)) for minute in range(60)]

    first = desk.get(ADDRESS + "?currency=eur")
    second = desk.get(f"{ADDRESS}?currency=eur&after={first.context['page'].older}")
    back = desk.get(f"{ADDRESS}?currency=eur&before={second.context['page'].newer}")

    assert first.context["page"].rows == back.context["page"].rows == made[:9:-1]
    assert second.context["page"].rows == made[9::-1]
    assert f"?currency=eur&amp;after={first.context['page'].older}" in text(first)


def test_hostile_text_is_shown_as_text_and_isolated(desk) -> None:
    a_customer(name="<script>alert(1)</script>", email='"><img src=x onerror=alert(1)>')
    a_customer(name="\u202eevil", email="")

    page = text(desk.get(ADDRESS))
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert '<bdi class="pd-clip" title="\u202eevil">' in page


def test_a_bad_parameter_is_named_and_everything_else_still_works(desk) -> None:
    a_customer(name="Nordlicht")

    response = desk.get(ADDRESS + "?status=<b>&colour=1&after=%00&created_from=x")
    page = text(response)
    assert response.status_code == 200
    assert "Nordlicht" in page
    assert "Subscription: &lt;b&gt; is not known here; it was left out." in page
    assert "colour is not a filter here; it was left out." in page
    assert "Created from: x is not a date; it was left out." in page
    assert "The place in the list was not readable" in page


def test_typing_swaps_the_results_only_and_pushes_a_clean_address(desk) -> None:
    a_customer(name="Nordlicht")
    a_customer(name="Südwind")

    response = desk.get(
        ADDRESS, {"q": "nordl", "status": "", "currency": ""}, headers={"HX-Request": "true", "HX-Target": "results"}
    )
    page = text(response)
    assert "Nordlicht" in page
    assert "Südwind" not in page
    assert "<html" not in page
    assert 'id="tabs"' in page
    assert 'hx-swap-oob="true"' in page
    assert response["HX-Push-Url"] == ADDRESS + "?q=nordl"


def test_empty_fields_of_the_form_leave_the_address(desk) -> None:
    response = desk.get(ADDRESS, {"q": "nord", "status": "", "colour": "red", "created_to": ""})

    assert (response.status_code, response["Location"]) == (302, ADDRESS + "?q=nord&colour=red")
    assert desk.get(ADDRESS, {"q": ""})["Location"] == ADDRESS


def test_an_empty_list_says_what_to_do(desk) -> None:
    empty = text(desk.get(ADDRESS))
    assert "Nothing is here yet" in empty
    assert ("An admin can read them with a resync." in empty, "To the resyncs" in empty) == (True, False)

    a_customer()
    assert "Nothing matches" in text(desk.get(ADDRESS + "?q=nobody"))


def test_a_deleted_customer_stays_in_the_list_with_a_badge(desk) -> None:
    a_customer(deleted_at=NOON)

    assert "Deleted" in text(desk.get(ADDRESS))


def test_only_who_may_resync_is_offered_it(desk, client, admin) -> None:
    assert "Ask an admin" in text(desk.get(ADDRESS))

    client.force_login(admin)
    assert 'name="target" value="customer"' in text(client.get(ADDRESS))


def test_the_number_of_queries_does_not_grow_with_the_rows(desk) -> None:
    def queries_with(rows: int) -> int:
        for _ in range(rows):
            customer = a_customer()
            an_item(a_subscription(customer, status="past_due"))
            an_invoice(customer, status="open", attempt_count=1)
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(ADDRESS).status_code == 200
        return len(queries)

    assert queries_with(2) == queries_with(38) == QUERIES


QUERIES = 14  # session, user, 2 of rights, the shell’s 4, the tabs, the page, 4 for its rows
