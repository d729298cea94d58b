import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import a_charge, a_customer, a_payment, a_refund, an_invoice

pytestmark = pytest.mark.django_db
ADDRESS = "/console/refunds/"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_a_row_says_of_what_how_much_why_and_whose(desk) -> None:
    customer = a_customer(name="Nordlicht")
    payment = a_payment(customer, an_invoice(customer, number="NV-4"), amount=2900)
    a_refund(a_charge(payment), amount=900)

    page = text(desk.get(ADDRESS))
    for words in (
        f'href="/console/payments/{payment.id}/"', "part of 29.00 EUR", "NV-4", "Succeeded",
        "The customer asked for it",
        "Nordlicht", "9.00",
    ):  # fmt: skip
        assert words in page, words


def test_one_that_failed_says_why_and_what_to_do(desk) -> None:
    a_refund(a_charge(a_payment(a_customer())), status="failed", failure_reason="lost_or_stolen_card")

    page = text(desk.get(ADDRESS + "?status=failed"))
    assert "The card was lost or stolen. The customer has to be paid in another way." in page
    assert "<code>lost_or_stolen_card</code>" in page


def test_status_reason_customer_and_words_narrow_the_list(desk) -> None:
    customer = a_customer(name="Müller")
    refund = a_refund(a_charge(a_payment(customer)), status="pending", reason="duplicate")
    a_refund(a_charge(a_payment(a_customer())))

    for query in ("status=pending", "reason=duplicate", f"customer={customer.id}", "q=müller", f"q={refund.charge_id}"):
        assert desk.get(f"{ADDRESS}?{query}").context["page"].rows == [refund], query


def test_the_sums_leave_out_what_did_not_go_back(desk) -> None:
    charge = a_charge(a_payment(a_customer()))
    a_refund(charge, amount=1000)
    a_refund(charge, amount=500, status="failed")

    assert "Sum of all 2 matching in EUR, 10.00 EUR of it neither failed nor canceled" in text(desk.get(ADDRESS))


def test_a_list_without_refunds_says_so(desk) -> None:
    assert "No refunds have come from Stripe so far." in text(desk.get(ADDRESS))
    assert "No refunds fit all of these conditions together." in text(desk.get(ADDRESS + "?status=failed"))


def test_hostile_text_is_shown_as_text(desk) -> None:
    refund = a_refund(a_charge(a_payment(a_customer(name=EVIL))), status="failed", reason=EVIL, failure_reason=EVIL)
    refund.customer_id = ""
    refund.save()

    assert "<script>alert" not in text(desk.get(ADDRESS))


def test_the_number_of_queries_does_not_grow_with_the_rows(desk) -> None:
    def queries_with(rows: int) -> int:
        for _ in range(rows):
            customer = a_customer()
            a_refund(a_charge(a_payment(customer, an_invoice(customer))))
        with CaptureQueriesContext(connection) as queries:
            text(desk.get(ADDRESS))
        return len(queries)

    assert queries_with(2) == queries_with(38) == QUERIES


QUERIES = 14  # session, user, 2 of rights, the shell’s 4, the tabs, the page, charges, customers, invoices, the sums
