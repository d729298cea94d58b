import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOON, a_customer, a_product, a_subscription, an_item

pytestmark = pytest.mark.django_db
ADDRESS = "/console/subscriptions/"


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_a_row_says_plan_price_status_and_whose_it_is(desk) -> None:
    customer = a_customer(name="Nordlicht")
    subscription = a_subscription(customer, cancel_at_period_end=True)
    an_item(subscription, a_product(name="Business"), quantity=40, unit_amount=3300)

    page = text(desk.get(ADDRESS))
    for words in ("Business, 40 seats", "40 × 33.00 EUR a month", "cancels on", "Nordlicht", "29.00", subscription.id):
        assert words in page


def test_a_value_that_is_not_counted_says_why(desk) -> None:
    a_subscription(a_customer(), mrr=None, mrr_gap="beyond_tiers")

    assert "not counted: its quantity is above the last tier" in text(desk.get(ADDRESS))


def test_an_ended_one_shows_its_end_and_no_value(desk) -> None:
    a_subscription(a_customer(), status="canceled", ended_at=NOON)

    (row,) = desk.get(ADDRESS).context["shown"]
    assert (row.value, row.period_end, row.standing.words) == (None, None, "ended")


def test_a_subscription_of_an_unread_customer_shows_the_id(desk) -> None:
    a_subscription(a_customer(), customer_id="cus_not_read_yet_at_all")

    assert "cus_not_read_yet_at_all" in text(desk.get(ADDRESS))


def test_a_bad_parameter_is_named(desk) -> None:
    assert "Cancels at period end: maybe is not known here; it was left out." in text(
        desk.get(ADDRESS + "?cancels=maybe")
    )


def test_what_was_not_paid_within_a_day_of_its_start_has_a_tab_beside_the_cancelled(desk) -> None:
    a_subscription(a_customer(), status="canceled")
    expired = a_subscription(a_customer(), status="incomplete_expired")

    response = desk.get(ADDRESS + "?status=incomplete_expired")
    assert response.context["page"].rows == [expired]
    assert {str(tab.label): tab.matches for tab in response.context["tabs"] if tab.matches} == {
        "All": 2,
        "Canceled": 1,
        "Expired": 1,
    }


def test_the_number_of_queries_does_not_grow_with_the_rows(desk) -> None:
    def queries_with(rows: int) -> int:
        for _ in range(rows):
            an_item(a_subscription(a_customer()))
        with CaptureQueriesContext(connection) as queries:
            text(desk.get(ADDRESS))
        return len(queries)

    assert queries_with(2) == queries_with(38) == QUERIES


QUERIES = 13  # session, user, 2 of rights, the shell’s 4, the tabs, the page, 2 for its rows, the sums


def test_the_sums_are_of_those_that_run_and_per_currency(desk) -> None:
    customer = a_customer()
    for mrr, fields in ((2900, {}), (1100, {"status": "past_due"}), (9900, {"status": "canceled"})):
        a_subscription(customer, mrr=mrr, **fields)
    a_subscription(customer, mrr=None)
    a_subscription(customer, mrr=7000, currency="jpy")

    sums = desk.get(ADDRESS).context["sums"]
    assert [(each.currency, each.subscriptions, each.running, each.value) for each in sums] == [
        ("eur", 4, 3, 4000),
        ("jpy", 1, 1, 7000),
    ]
    assert "A month, of the 3 matching in EUR that have not ended" in text(desk.get(ADDRESS))
