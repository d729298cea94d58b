from datetime import timedelta

import pytest

from finances.models import Invoice
from finances.reads.invoices import invoice_sums, is_past_due, newest_invoices, past_due
from tests.factories import NOON, a_customer, a_payment, an_invoice


@pytest.mark.parametrize(
    ("late", "fields"),
    [
        (True, {"status": "open", "due_at": NOON - timedelta(seconds=1)}),
        (True, {"status": "open", "attempt_count": 1}),
        (False, {"status": "open", "due_at": NOON + timedelta(days=1)}),
        (False, {"status": "open"}),
        (False, {"status": "open", "attempt_count": 1, "amount_paid": 100, "amount_remaining": 2800}),
        (True, {"status": "open", "amount_paid": 100, "amount_remaining": 2800, "due_at": NOON - timedelta(days=2)}),
        (False, {"status": "paid", "attempt_count": 3}),
        (False, {"status": "void", "attempt_count": 3}),
        (False, {"status": "uncollectible", "due_at": NOON - timedelta(days=2)}),
        (False, {"status": "draft", "due_at": NOON - timedelta(days=2)}),
    ],
)
def test_past_due_is_open_and_late_or_failed_and_the_query_agrees_with_the_row(db, late: bool, fields) -> None:
    invoice = an_invoice(a_customer(), **fields)

    assert is_past_due(invoice, NOON) is late
    assert Invoice.objects.filter(past_due(NOON)).exists() is late


@pytest.mark.parametrize(("status", "late"), [("processing", False), ("requires_payment_method", True)])
def test_a_debit_that_is_on_its_way_is_no_failed_try(db, status: str, late: bool) -> None:
    customer = a_customer()
    a_payment(customer, an_invoice(customer, status="open", attempt_count=1), status=status)

    (invoice,) = newest_invoices()
    assert is_past_due(invoice, NOON) is late
    assert Invoice.objects.filter(past_due(NOON)).exists() is late


def test_a_debit_that_is_on_its_way_does_not_move_the_due_date(db) -> None:
    customer = a_customer()
    a_payment(customer, an_invoice(customer, status="open", due_at=NOON - timedelta(days=1)), status="processing")

    (invoice,) = newest_invoices()
    assert is_past_due(invoice, NOON)
    assert Invoice.objects.filter(past_due(NOON)).exists()


def test_sums_are_kept_apart_by_currency(db) -> None:
    customer = a_customer()
    an_invoice(customer, total=1000)
    an_invoice(customer, total=500, status="open")
    an_invoice(customer, total=70, currency="jpy")

    sums = invoice_sums(newest_invoices())
    assert sums is not None
    assert [(each.currency, each.invoices, each.total, each.remaining, each.paid) for each in sums] == [
        ("eur", 2, 1500, 500, 1000),
        ("jpy", 1, 70, 0, 70),
    ]


def test_more_invoices_than_the_cap_have_no_sum(db) -> None:
    customer = a_customer()
    for _ in range(4):
        an_invoice(customer)


def test_a_deleted_draft_is_not_listed(db) -> None:
    an_invoice(a_customer(), status="draft", deleted_at=NOON)

    assert not newest_invoices().exists()
