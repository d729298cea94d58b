import pytest

from finances.reads.refunds import newest_refunds, refund_rows, refund_sums
from tests.factories import a_charge, a_customer, a_payment, a_refund, an_invoice

pytestmark = pytest.mark.django_db


def test_a_row_knows_its_charge_its_invoice_and_the_customer_of_the_charge() -> None:
    customer = a_customer()
    charge = a_charge(a_payment(customer, an_invoice(customer, number="NV-3")))
    refund = a_refund(charge, customer_id="")

    (row,) = refund_rows([refund])
    assert row.charge == charge
    assert row.customer == customer
    assert [each.number for each in row.purposes] == ["NV-3"]


def test_a_refund_whose_charge_was_never_read_is_still_shown() -> None:
    refund = a_refund(a_charge(a_payment(a_customer())), charge_id="ch_unknown", payment_intent_id="", customer_id="")

    (row,) = refund_rows([refund])
    assert (row.charge, row.customer, row.purposes) == (None, None, [])


def test_what_failed_or_was_canceled_is_not_counted_as_returned() -> None:
    charge = a_charge(a_payment(a_customer()))
    for status in ("succeeded", "pending", "requires_action", "failed", "canceled"):
        a_refund(charge, amount=100, status=status)
    a_refund(charge, amount=7, currency="jpy")

    sums = refund_sums(newest_refunds())
    assert sums is not None
    assert [(each.currency, each.refunds, each.amount, each.returned) for each in sums] == [
        ("eur", 5, 500, 300),
        ("jpy", 1, 7, 7),
    ]
