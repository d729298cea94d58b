"""From the total of a currency down to the customers and to exactly their invoices."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finances.metrics.aging import BUCKETS
from tests.factories import a_charge, a_customer, a_dispute, a_payment, a_user, an_invoice

pytestmark = pytest.mark.django_db
ADDRESS = "/console/receivables/"
LATE = {"not-due": -5, "1-30": 3, "31-60": 30.5, "61-90": 61, "91-120": 100, "over-120": 400}  # days


@pytest.fixture
def desk(client, finance):
    client.force_login(finance)
    return client


def owed(customer, days: float | None, amount: int = 1000, currency: str = "eur", **fields):
    now = timezone.now()
    times = {"due_at": now - timedelta(days=days), "collection_method": "send_invoice"} if days is not None else {}
    return an_invoice(customer, status="open", total=amount, currency=currency, **times | fields)


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def listed(desk, address: str) -> tuple[int, int]:
    """What the list behind an address sums up: what remains, and how many."""
    response = desk.get(address)
    text(response)
    (sums,) = response.context["sums"]
    return sums.remaining, sums.invoices


def test_every_figure_leads_to_a_list_whose_sum_it_is(desk):
    for currency in ("eur", "jpy"):
        for number, days in enumerate(LATE.values()):
            for customer in (a_customer(), a_customer()):
                owed(customer, days, 1000 + number, currency)
        an_invoice(a_customer(), status="uncollectible", total=77, currency=currency)

    rows = desk.get(ADDRESS).context["rows"]

    assert [row.currency for row in rows] == ["eur", "jpy"]
    for row in rows:
        for cell in (*row.cells, row.overdue, row.total, row.uncollectible):
            assert listed(desk, cell.behind) == (cell.held.amount, cell.held.invoices)
        for cell in (*row.cells, row.overdue, row.total):
            response = desk.get(ADDRESS + cell.who)
            assert (response.context["currency"], response.context["figure"]) == (row.currency, cell)
            assert sum(each.debtor.amount for each in response.context["shown"]) == cell.held.amount
        assert [cell.held.amount for cell in row.cells] == [2 * (1000 + number) for number in range(len(BUCKETS))]
        assert row.total.held.amount == sum(cell.held.amount for cell in row.cells)


def test_who_owes_says_whom_to_write_to_how_late_why_and_what_comes_next(desk):
    now = timezone.now()
    ada = a_customer(name="Ada Lovelace", email="ada@analytical.example")
    first = owed(ada, 3.2, 2900)
    owed(ada, 40, 100, next_attempt_at=now + timedelta(days=2), collection_method="charge_automatically", due_at=None,
         finalized_at=now - timedelta(days=39.9))  # fmt: skip
    payment = a_payment(
        ada, first, status="requires_payment_method", failure_code="card_declined", decline_code="insufficient_funds"
    )
    a_charge(payment, status="failed", failure_code="card_declined", decline_code="insufficient_funds")

    page = text(desk.get(ADDRESS))

    for words in (
        "Ada Lovelace", "ada@analytical.example", "40 days", "finalised date", "insufficient_funds", "30.00",
        "Stripe tries again", "2 invoices", "without a due date",
    ):  # fmt: skip
        assert words in page, words
    (row,) = desk.get(ADDRESS).context["shown"]
    assert listed(desk, row.behind) == (3000, 2)


def test_an_invoice_that_is_sent_is_not_charged_by_itself(desk):
    owed(a_customer(), 3)

    assert "Invoice sent: nothing is charged by itself" in text(desk.get(ADDRESS))


def test_a_debit_that_is_on_its_way_is_said_in_the_place_of_a_next_attempt(desk):
    ada = a_customer()
    a_payment(ada, owed(ada, 3, attempt_count=1, collection_method="charge_automatically"), status="processing")

    page = text(desk.get(ADDRESS))

    assert "A payment is on its way" in page
    assert "None planned" not in page


def test_what_no_debit_pays_still_says_what_comes_next(desk):
    ada = a_customer()
    a_payment(ada, owed(ada, 3), status="processing")
    owed(ada, 4, collection_method="charge_automatically")

    page = text(desk.get(ADDRESS))

    assert "For 1 invoice a payment is on its way" in page
    assert "None planned" in page


def test_who_owes_most_comes_first_and_pages_hold_everybody_once(desk, monkeypatch):
    monkeypatch.setattr("finances.reads.receivables.PAGE", 3)
    monkeypatch.setattr("finances.reads.receivables.debtors.__kwdefaults__", {"after": None, "before": None, "size": 3})
    amounts = [100, 500, 500, 500, 300, 300, 200]
    for amount in amounts:
        owed(a_customer(), 3, amount)

    seen, address, pages = [], ADDRESS + "?currency=eur&age=1-30", []
    while address:
        response = desk.get(address)
        shown = response.context["shown"]
        seen += [(row.debtor.amount, row.debtor.customer_id) for row in shown]
        pages.append([row.debtor.customer_id for row in shown])
        older = re.search(r'rel="next" href="([^"]+)"', text(response))
        address = ADDRESS + unescape(older[1]) if older else ""
        last = response

    assert [amount for amount, _ in seen] == sorted(amounts, reverse=True)
    assert len({customer for _, customer in seen}) == len(amounts)
    newer = re.search(r'rel="prev" href="([^"]+)"', text(last))
    back = desk.get(ADDRESS + unescape(newer[1])).context["shown"]
    assert [row.debtor.customer_id for row in back] == pages[-2]


@pytest.mark.parametrize("cursor", ["nonsense", "WzFd", "W251bGwsMV0", "%00", "WyIxIiwiYSJd"])
def test_a_place_that_does_not_read_is_the_beginning(desk, cursor):
    owed(a_customer(name="Ada Lovelace"), 3)

    page = text(desk.get(f"{ADDRESS}?after={cursor}"))
    assert "The place in the list was not readable" in page
    assert "Ada Lovelace" in page


def test_by_itself_it_shows_what_is_overdue_and_says_what_it_does_not_know(desk):
    owed(a_customer(), 3)
    owed(a_customer(), -3, currency="jpy")

    assert desk.get(ADDRESS).context["age"] == "overdue"
    assert desk.get(ADDRESS + "?currency=jpy").context["age"] == "not-due"
    assert "Nothing is open in CHF" in text(desk.get(ADDRESS + "?currency=chf"))
    assert "foo is no age here" in text(desk.get(ADDRESS + "?age=foo"))
    assert "Nothing in JPY is over 120 days late." in text(desk.get(ADDRESS + "?currency=jpy&age=over-120"))


def test_disputes_stand_beside_it_with_the_day_until_which_they_are_answered(desk):
    owed(customer := a_customer(), 3)
    now = timezone.now()
    late = a_dispute(a_charge(a_payment(customer)), evidence_due_at=now + timedelta(days=9))
    soon = a_dispute(a_charge(a_payment(customer)), evidence_due_at=now + timedelta(days=2))
    a_dispute(a_charge(a_payment(customer)), status="won", evidence_due_at=None)

    response = desk.get(ADDRESS)

    assert [line.dispute for line in response.context["disputes"]] == [soon, late]
    assert f'href="/console/disputes/{soon.pk}/"' in text(response)


@pytest.mark.guarantee("D6")
def test_who_may_not_see_disputes_sees_none_here(client):
    person = a_user()
    person.user_permissions.add(Permission.objects.get(codename="view_invoice", content_type__app_label="paydesk"))
    client.force_login(person)
    a_dispute(a_charge(a_payment(a_customer())))

    assert "isputes to answer" not in text(client.get(ADDRESS))


def test_nothing_open_is_good_news(desk):
    an_invoice(a_customer())

    assert "No invoice is open" in text(desk.get(ADDRESS))


def test_only_written_off_is_not_hidden(desk):
    an_invoice(a_customer(), status="uncollectible", total=123456)

    page = text(desk.get(ADDRESS))
    assert "1,234.56 EUR" in page
    assert "No invoice is open" in page


def test_a_currency_in_which_nothing_is_open_has_no_row(desk):
    owed(a_customer(), 3)
    an_invoice(a_customer(), status="uncollectible", total=123456, currency="kwd")

    response = desk.get(ADDRESS)

    assert [row.currency for row in response.context["rows"]] == ["eur"]
    assert "123.456 KWD" in text(response)
    assert "Nothing is open in KWD" in text(desk.get(ADDRESS + "?currency=kwd"))


def test_the_export_is_of_the_invoices_behind_the_figure(desk):
    owed(a_customer(), 3)
    owed(a_customer(), 40)

    answer = desk.get(ADDRESS + "?currency=eur&age=31-60&export=csv", follow=True)

    assert answer.redirect_chain[0][0] == "/console/invoices/?currency=eur&export=csv&age=31-60"
    assert b"".join(answer.streaming_content).count(b"\r\n") == 2
    assert desk.get(ADDRESS + "?export=xlsx").url == "/console/invoices/?export=xlsx&status=open"


def test_hostile_text_is_shown_as_text(desk):
    owed(a_customer(name="<script>alert(1)</script>", email="<img src=x>"), 3)

    page = text(desk.get(ADDRESS))
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_the_number_of_queries_does_not_grow(desk):
    def queries_with(rows: int) -> int:
        for _ in range(rows):
            customer = a_customer()
            invoice = owed(customer, 3)
            payment = a_payment(customer, invoice, status="requires_payment_method", failure_code="card_declined")
            a_charge(payment, status="failed")
            a_dispute(a_charge(a_payment(customer)))
        with CaptureQueriesContext(connection) as queries:
            text(desk.get(ADDRESS))
        return len(queries)

    assert queries_with(2) == queries_with(20) == QUERIES


QUERIES = 13  # session, user, 2 of rights, the shell’s 3, aging, disputes, and 4 of the customers
