from datetime import timedelta

import pytest

from finances.models import Customer
from finances.reads.customer import customer_page, details
from tests.factories import NOON, a_customer, a_delivery, an_invoice


def test_the_latest_failing_invoice_is_the_one_with_the_most_tries(db) -> None:
    customer = a_customer()
    an_invoice(customer, status="open", due_at=NOON - timedelta(days=90))
    worst = an_invoice(customer, status="open", attempt_count=3)
    an_invoice(customer, status="paid")

    page = customer_page(customer.id, NOON)
    assert (page.late, page.late_count, page.open_count, page.invoice_count) == (worst, 2, 2, 3)


def test_the_newest_eight_invoices_of_this_customer_only(db) -> None:
    customer, other = a_customer(), a_customer()
    invoices = [an_invoice(customer, created_at=NOON + timedelta(days=day)) for day in range(10)]
    an_invoice(other, created_at=NOON + timedelta(days=99))

    page = customer_page(customer.id, NOON)
    assert [row.invoice for row in page.invoices] == invoices[:1:-1]
    assert page.invoice_count == 10


def test_the_timeline_holds_twelve_and_loads_no_payload(db, django_assert_num_queries) -> None:
    customer = a_customer()
    for _ in range(14):
        a_delivery(customer_id=customer.id, payload={"secret": True})

    timeline = customer_page(customer.id, NOON).timeline
    assert len(timeline) == 12
    assert "payload" in timeline[0].get_deferred_fields()


def test_an_unknown_customer_does_not_exist(db) -> None:
    with pytest.raises(Customer.DoesNotExist):
        customer_page("cus_nope", NOON)


def test_details_of_a_stub_are_empty() -> None:
    assert details({"id": "cus_1", "deleted": True}).address == []
    assert details({"preferred_locales": "de", "metadata": [1], "address": "x"}).languages == []


def test_a_default_payment_method_may_be_an_id_or_expanded() -> None:
    assert details({"invoice_settings": {"default_payment_method": "pm_1"}}).default_payment_method == "pm_1"
    assert details({"invoice_settings": {"default_payment_method": {"id": "pm_1"}}}).default_payment_method == "pm_1"
