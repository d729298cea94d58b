import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import NOON, a_charge, a_customer, a_payment, a_payment_method, an_invoice

pytestmark = pytest.mark.django_db
ADDRESS = "/console/payments/"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def declined(**fields):
    payment = a_payment(
        a_customer(name="Nordlicht"),
        status="requires_payment_method",
        failure_code="card_declined",
        decline_code=fields.pop("reason", "insufficient_funds"),
        **fields,
    )
    charge = a_charge(
        payment, status="failed", failure_code="card_declined", decline_code=payment.decline_code, last4="0341"
    )
    return payment, charge


def test_a_row_says_what_for_how_it_stands_and_why_in_plain_words(desk) -> None:
    customer = a_customer(name="Nordlicht")
    payment = a_payment(
        customer, an_invoice(customer, number="NV-12", status="open"), amount=152796, description="Subscription update",
        status="requires_payment_method", failure_code="card_declined", decline_code="insufficient_funds",
    )  # fmt: skip
    for _ in range(3):
        a_charge(payment, status="failed", failure_code="card_declined", decline_code="insufficient_funds")

    page = text(desk.get(ADDRESS))
    for words in (
        "Subscription update", "NV-12", "Failed", "3 attempts", "There is not enough money on the card.",
        "<code>insufficient_funds</code>", "Nordlicht", "Visa", "4242", "1,527.96",
    ):  # fmt: skip
        assert words in page, words


def test_a_failed_one_says_when_stripe_tries_its_invoice_again(desk) -> None:
    customer = a_customer()

    def failed(number: str, **fields) -> None:
        invoice = an_invoice(customer, number=number, **{"status": "open"} | fields)
        a_payment(customer, invoice, status="requires_payment_method", failure_code="card_declined")

    in_three_days = timezone.now() + timedelta(days=3, minutes=1)
    failed("NV-planned", next_attempt_at=in_three_days)
    failed("NV-due", next_attempt_at=timezone.now() - timedelta(hours=2))
    failed("NV-none")
    failed("NV-void", status="void", next_attempt_at=in_three_days)
    a_payment(customer, an_invoice(customer, number="NV-waits", status="open", next_attempt_at=in_three_days),
              status="processing")  # fmt: skip

    page = text(desk.get(ADDRESS))
    said = {
        number: re.findall(r"Stripe(?: tries again|’s next try was due) <time[^>]*>([^<]*)", row)
        for row in page.split("<tr>")
        for number in re.findall("NV-[a-z]+", row)
    }
    assert said == {"NV-planned": ["in 3 days"], "NV-due": ["2 h ago"], "NV-none": [], "NV-void": [], "NV-waits": []}


def test_the_bar_of_a_chart_leads_to_the_payments_behind_it(desk, settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    in_october, charge = declined()
    charge.created_at = NOON.replace(month=10, day=31, hour=22, minute=59)
    charge.save()
    in_november, charge = declined()
    charge.created_at = NOON.replace(month=10, day=31, hour=23, minute=1)  # the first of November in Berlin
    charge.save()
    declined(reason="lost_card")

    response = desk.get(ADDRESS + "?status=failed&reason=insufficient_funds&failed=2026-10")
    assert response.context["page"].rows == [in_october]
    assert "Failed in October 2026" in text(response)
    assert in_november in desk.get(ADDRESS + "?reason=insufficient_funds&failed=2026-11").context["page"].rows


def test_a_payment_that_came_through_later_still_counts_as_failed_in_its_month(desk) -> None:
    payment = a_payment(a_customer())
    a_charge(payment, status="failed", failure_code="expired_card", created_at=NOON - timedelta(days=3))
    a_charge(payment)

    assert desk.get(ADDRESS + "?reason=expired_card&failed=2026-11").context["page"].rows == [payment]
    assert desk.get(ADDRESS + "?status=failed").context["page"].rows == []


def test_reason_month_and_card_are_those_of_one_attempt(desk) -> None:
    payment = a_payment(a_customer())
    a_charge(payment, status="failed", failure_code="expired_card", last4="1111")
    a_charge(payment, last4="2222")

    assert desk.get(ADDRESS + "?reason=expired_card&last4=1111").context["page"].rows == [payment]
    assert desk.get(ADDRESS + "?reason=expired_card&last4=2222").context["page"].rows == []


def test_card_amount_and_words_narrow_the_list(desk) -> None:
    payment = a_payment(a_customer(name="Müller"), amount=5000)
    a_charge(payment, brand="mastercard", last4="5100", search_text="ch_x 5100")
    a_charge(a_payment(a_customer(), amount=100))

    for query in (
        "brand=MasterCard",
        "last4=5100",
        "amount_from=50",
        "amount_from=49.99&amount_to=50",
        "q=müller+5100",
    ):
        assert desk.get(f"{ADDRESS}?{query}").context["page"].rows == [payment], query


@pytest.mark.parametrize(
    "query",
    ["status=foo", "failed=2026-13", "reason=a%20b", "last4=42", "amount_from=NaN", "amount_to=-1", "amount_to=1e99"],
)
def test_a_bad_parameter_is_named_and_left_out(desk, query: str) -> None:
    a_payment(a_customer(), description="Still here")

    page = text(desk.get(f"{ADDRESS}?{query}"))
    assert "; it was left out." in page
    assert "Still here" in page


def test_the_sums_are_of_all_that_match_and_per_currency(desk) -> None:
    customer = a_customer()
    for _ in range(55):
        a_payment(customer, amount=100)
    a_payment(customer, amount=200, status="requires_action")
    a_payment(customer, amount=7000, currency="jpy")

    page = text(desk.get(ADDRESS))
    assert "Sum of all 56 matching in EUR, 55.00 EUR of it received" in page
    assert "Sum of all 1 matching in JPY, 7,000 JPY of it received" in page
    assert "57.00" in page


def test_older_pages_follow_and_come_back(desk) -> None:
    rows = [a_payment(a_customer(), created_at=NOON + timedelta(minutes=minute)) for minute in range(60)]

    first = desk.get(ADDRESS).context["page"]
    second = desk.get(ADDRESS, {"after": first.older}).context["page"]
    assert [row.id for row in first.rows + second.rows] == [row.id for row in reversed(rows)]
    assert desk.get(ADDRESS, {"before": second.newer}).context["page"].rows == first.rows


def test_htmx_gets_the_results_and_the_tabs_without_the_shell(desk) -> None:
    a_payment(a_customer(), description="Subscription update")

    part = text(desk.get(ADDRESS, headers={"HX-Request": "true", "HX-Target": "results"}))
    assert part.strip().startswith('<div id="results">')
    assert "Subscription update" in part
    assert 'hx-swap-oob="true"' in part
    assert "<html" not in part
    assert 'role="search"' not in part


def test_hostile_text_is_shown_as_text(desk) -> None:
    payment = a_payment(
        a_customer(name=EVIL), description=EVIL, status="requires_payment_method", failure_code=EVIL, decline_code=EVIL
    )
    a_charge(payment, status="failed", brand=EVIL, method_type=EVIL, failure_code=EVIL, decline_code=EVIL)

    assert "<script>alert" not in text(desk.get(ADDRESS))


def test_the_number_of_queries_does_not_grow_with_the_rows(desk) -> None:
    def queries_with(rows: int) -> int:
        for _ in range(rows):
            customer = a_customer()
            a_charge(a_payment(customer, an_invoice(customer)))
            open_one = an_invoice(customer, status="open", next_attempt_at=timezone.now())
            a_payment(customer, open_one, status="requires_payment_method", failure_code="card_declined")
            untried = a_payment_method(customer)
            a_payment(customer, created_at=timezone.now(), payment_method_id=untried.id, status="requires_action")
        with CaptureQueriesContext(connection) as queries:
            text(desk.get(ADDRESS))
        return len(queries)

    assert queries_with(2) == queries_with(20) == QUERIES


QUERIES = 15  # session, user, 2 of rights, the shell’s 4, the tabs, the page, 4 for its rows, the sums
