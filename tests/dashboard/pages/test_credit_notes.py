import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import a_credit_note, a_customer, an_invoice

pytestmark = pytest.mark.django_db
ADDRESS = "/console/credit-notes/"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_a_row_says_of_which_invoice_why_and_where_the_money_went(desk) -> None:
    invoice = an_invoice(a_customer(name="Nordlicht"), number="NV-4")
    a_credit_note(
        invoice,
        total=1500,
        refund_amount=1000,
        customer_balance_amount=500,
        post_payment_amount=1500,
        number="NV-4-CN-01",
    )

    page = text(desk.get(ADDRESS))
    for words in (
        "NV-4-CN-01", "Issued", f'href="/console/invoices/{invoice.id}/"', "Nordlicht", "The order changed",
        "10.00 refunded", "5.00 kept as the customer’s credit", "15.00",
    ):  # fmt: skip
        assert words in page, words


def test_status_place_invoice_and_words_narrow_the_list(desk) -> None:
    invoice = an_invoice(a_customer(name="Müller"))
    note = a_credit_note(invoice, status="void", refund_amount=0, pre_payment_amount=500, post_payment_amount=0)
    a_credit_note(an_invoice(a_customer()))

    for query in ("status=void", "went=invoice", f"invoice={invoice.id}", "q=müller", f"q={note.number}"):
        assert desk.get(f"{ADDRESS}?{query}").context["page"].rows == [note], query


def test_the_sums_leave_out_voided_ones(desk) -> None:
    invoice = an_invoice(a_customer())
    a_credit_note(invoice, total=1000)
    a_credit_note(invoice, total=500, status="void")

    page = text(desk.get(ADDRESS))
    assert "Sum of all 2 matching in EUR, without voided ones" in page
    assert "10.00" in page


def test_hostile_text_is_shown_as_text(desk) -> None:
    a_credit_note(an_invoice(a_customer(name=EVIL), number=EVIL), number=EVIL, reason=EVIL, status="void")

    assert "<script>alert" not in text(desk.get(ADDRESS))


def test_the_number_of_queries_does_not_grow_with_the_rows(desk) -> None:
    def queries_with(rows: int) -> int:
        for _ in range(rows):
            a_credit_note(an_invoice(a_customer()))
        with CaptureQueriesContext(connection) as queries:
            text(desk.get(ADDRESS))
        return len(queries)

    assert queries_with(2) == queries_with(38) == QUERIES


QUERIES = 13  # session, user, 2 of rights, the shell’s 4, the tabs, the page, invoices, customers, the sums
