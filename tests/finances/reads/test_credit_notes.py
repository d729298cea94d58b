import pytest

from finances.models import CreditNote
from finances.reads.credit_notes import credit_note_rows, credit_note_sums, newest_credit_notes, went_to
from tests.factories import a_credit_note, a_customer, an_invoice

pytestmark = pytest.mark.django_db


def test_a_row_has_its_invoice_and_the_invoices_customer() -> None:
    customer = a_customer()
    invoice = an_invoice(customer)
    note = a_credit_note(invoice, customer_id="")

    (row,) = credit_note_rows([note])
    assert (row.invoice, row.customer) == (invoice, customer)


def test_voided_ones_are_listed_and_not_summed() -> None:
    invoice = an_invoice(a_customer())
    a_credit_note(invoice, total=500)
    a_credit_note(invoice, total=900, status="void")

    sums = credit_note_sums(newest_credit_notes())
    assert sums is not None
    assert [(each.currency, each.notes, each.total) for each in sums] == [("eur", 2, 500)]


def test_where_the_money_went_can_be_asked_for() -> None:
    invoice = an_invoice(a_customer())
    none = {"refund_amount": 0, "post_payment_amount": 0}
    refunded = a_credit_note(invoice)
    lowered = a_credit_note(invoice, pre_payment_amount=500, **none)
    credited = a_credit_note(invoice, customer_balance_amount=500, **none)
    outside = a_credit_note(invoice, out_of_band_amount=500, **none)

    found = {place: CreditNote.objects.get(went_to(place)) for place in ("refund", "invoice", "balance", "outside")}
    assert found == {"refund": refunded, "invoice": lowered, "balance": credited, "outside": outside}
