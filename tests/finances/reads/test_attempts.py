from datetime import timedelta

from finances.models import InvoicePayment
from finances.reads.attempts import purposes_of
from tests.factories import NOON, a_customer, a_payment, an_invoice


def test_a_payment_is_for_the_invoices_that_it_is_linked_to(db, django_assert_num_queries) -> None:
    customer = a_customer()
    again = NOON + timedelta(days=2)
    invoice = an_invoice(customer, status="open", number="NV-7", next_attempt_at=again)
    payment = a_payment(customer, invoice, status="requires_payment_method")
    a_payment(customer, an_invoice(customer))

    with django_assert_num_queries(1):
        found = purposes_of([payment.id])
    assert [tuple(vars(one).values()) for one in found[payment.id]] == [(invoice.id, "NV-7", again)]


def test_a_paid_invoice_plans_no_further_try(db) -> None:
    customer = a_customer()
    payment = a_payment(customer, an_invoice(customer, next_attempt_at=NOON))

    assert purposes_of([payment.id])[payment.id][0].next_attempt_at is None


def test_an_invoice_that_was_never_read_is_named_by_its_id(db) -> None:
    payment = a_payment(a_customer(), an_invoice(a_customer()))
    InvoicePayment.objects.update(invoice_id="in_never_read")

    assert [(one.invoice_id, one.number) for one in purposes_of([payment.id])[payment.id]] == [("in_never_read", "")]


def test_a_link_that_was_undone_is_left_out(db) -> None:
    payment = a_payment(a_customer(), an_invoice(a_customer()))
    InvoicePayment.objects.update(status="canceled")

    assert purposes_of([payment.id]) == {}
