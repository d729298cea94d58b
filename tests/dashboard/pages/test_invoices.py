import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import NOON, a_customer, an_invoice

pytestmark = pytest.mark.django_db
ADDRESS = "/console/invoices/"


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_a_row_says_number_status_due_and_both_amounts(desk) -> None:
    now = timezone.now()
    an_invoice(
        a_customer(name="Nordlicht"), number="NV-1", status="open", total=152796, amount_remaining=52796,
        due_at=now - timedelta(days=2, hours=12),
    )  # fmt: skip

    page = text(desk.get(ADDRESS))
    for words in ("NV-1", "Past due", "Nordlicht", "3 days late", "527.96", "1,527.96"):
        assert words in page


def test_the_sums_are_of_all_that_match_and_per_currency(desk) -> None:
    customer = a_customer()
    for _ in range(55):
        an_invoice(customer, total=100)
    an_invoice(customer, total=7000, currency="jpy")
    an_invoice(customer, total=999, status="void")

    page = text(desk.get(ADDRESS + "?status=paid"))
    assert "Sum of all 55 matching in EUR, 55.00 EUR of it paid" in page
    assert "Sum of all 1 matching in JPY" in page
    assert "7,000" in page


def test_more_than_the_cap_have_no_sums_and_a_hint_instead(desk, monkeypatch) -> None:
    monkeypatch.setattr("finances.reads.keyset.MOST_COUNTED", 2)
    for _ in range(3):
        an_invoice(a_customer())

    page = text(desk.get(ADDRESS))
    assert "narrow the list to see its sums" in page
    assert "Sum of all" not in page


def test_a_search_that_means_very_many_is_shown_and_not_counted(desk, monkeypatch) -> None:
    monkeypatch.setattr("finances.reads.search.MOST_FOUND", 2)
    for _ in range(3):
        an_invoice(a_customer(), search_text="nordlicht")
    an_invoice(a_customer(), search_text="südlicht")

    response = desk.get(ADDRESS + "?q=nordlicht")
    assert len(response.context["page"].rows) == 3
    assert {tab.matches for tab in response.context["tabs"]} == {None}
    assert "Sum of all" not in text(response)


def test_the_month_of_a_chart_leads_to_its_invoices(desk) -> None:
    customer = a_customer()
    october = an_invoice(customer, paid_at=NOON - timedelta(days=30))
    an_invoice(customer, paid_at=NOON)

    response = desk.get(ADDRESS + "?paid=2026-10")
    assert response.context["page"].rows == [october]
    assert "Paid in October 2026" in text(response)


@pytest.mark.parametrize("query", ["status=foo", "paid=2026-13", "customer=1;drop", "created_from=0001-01-01", "q=%00"])
def test_a_bad_parameter_is_named_and_left_out(desk, query: str) -> None:
    an_invoice(a_customer(), number="NV-1")

    page = text(desk.get(f"{ADDRESS}?{query}"))
    assert "is not known here; it was left out." in page
    assert "NV-1" in page


def test_hostile_text_is_shown_as_text(desk) -> None:
    an_invoice(a_customer(name="<script>alert(1)</script>"), number="<img src=x>")

    page = text(desk.get(ADDRESS))
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_the_number_of_queries_does_not_grow_with_the_rows(desk) -> None:
    def queries_with(rows: int) -> int:
        for _ in range(rows):
            an_invoice(a_customer())
        with CaptureQueriesContext(connection) as queries:
            text(desk.get(ADDRESS))
        return len(queries)

    assert queries_with(2) == queries_with(38) == QUERIES


QUERIES = 12  # session, user, 2 of rights, the shell’s 4, the tabs, the page, the customers, the sums


@pytest.mark.parametrize("hours", [1, 23, 25, 84, 30 * 24 + 1])
def test_a_row_its_file_and_its_filter_count_the_same_days(desk, hours: int) -> None:
    invoice = an_invoice(a_customer(), status="open", due_at=timezone.now() - timedelta(hours=hours))
    days = hours // 24 + 1

    (row,) = desk.get(f"{ADDRESS}?late_from={days}&late_to={days}").context["shown"]
    assert row.invoice == invoice
    assert row.due.words in {f"{days} day late", f"{days} days late", "late since today"}
    file = b"".join(desk.get(f"{ADDRESS}?export=csv").streaming_content).decode()
    (line,) = csv.DictReader(StringIO(file))
    assert line["days_late"] == str(days)


def test_the_days_on_which_they_were_issued_can_be_asked_for(desk) -> None:
    night = datetime(2026, 9, 30, 23, 30, tzinfo=UTC)
    an_invoice(a_customer(), number="NV-SEPTEMBER", created_at=night, finalized_at=night)
    an_invoice(a_customer(), number="NV-OCTOBER", created_at=night, finalized_at=night + timedelta(hours=1))

    page = text(desk.get(ADDRESS + "?issued_from=2026-10-01&issued_to=2026-10-31"))
    assert "NV-OCTOBER" in page
    assert "NV-SEPTEMBER" not in page
    assert "NV-SEPTEMBER" in text(desk.get(ADDRESS + "?q=issued:<2026-10-01", follow=True))
