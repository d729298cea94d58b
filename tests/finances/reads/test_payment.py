from datetime import timedelta

import pytest
from djstripe import models as djstripe

from finances.models import Charge, Payment
from finances.reads.customers import Amount
from finances.reads.payment import intent_of, payment_page
from tests.factories import (
    NOON,
    a_balance_transaction,
    a_charge,
    a_customer,
    a_delivery,
    a_dispute,
    a_payment,
    a_refund,
    an_invoice,
)

pytestmark = pytest.mark.django_db
QUERIES = 11  # the payment, charges, refunds, disputes, customer, method, links, invoices, balance, JSON, webhooks


def test_everything_that_hangs_on_a_payment_is_found() -> None:
    customer = a_customer()
    invoice = an_invoice(customer, number="NV-1")
    payment = a_payment(customer, invoice)
    failed = a_charge(payment, status="failed", created_at=NOON - timedelta(days=1))
    paid = a_charge(payment, amount_refunded=900)
    refund, dispute = a_refund(paid, amount=900), a_dispute(paid)
    charged = a_balance_transaction(source_id=paid.id)
    back = a_balance_transaction(source_id=refund.id, amount=-900, fee=0, net=-900, created_at=NOON + timedelta(days=1))
    a_balance_transaction(source_id="ch_of_another_payment")
    happened = a_delivery(object_id=failed.id, event_type="charge.failed")
    disputed = a_delivery(object_id=dispute.id, event_type="charge.dispute.created")
    a_delivery(object_id="ch_of_another_payment")

    page = payment_page(payment.id, NOON)

    assert [each.charge for each in page.attempts] == [paid, failed]
    assert (page.failed_attempts, page.refunded, page.standing) == (1, 900, "partially_refunded")
    assert [each.invoice for each in page.purposes] == [invoice]
    assert (page.refunds, page.disputes, page.movements) == ([refund], [dispute], [charged, back])
    assert page.fees == [Amount(110, "eur")]
    assert page.net == [Amount(1890, "eur")]
    assert set(page.timeline) == {happened, disputed}


def test_an_invoice_that_it_failed_to_pay_is_past_due_and_one_that_it_paid_is_not() -> None:
    customer = a_customer()
    open_one = an_invoice(customer, status="open", attempt_count=1)
    payment = a_payment(customer, open_one)
    paid = a_payment(customer, an_invoice(customer, number="NV-2"))

    assert [each.past_due for each in payment_page(payment.id, NOON).purposes] == [True]
    assert [each.past_due for each in payment_page(paid.id, NOON).purposes] == [False]


def test_a_bank_debit_on_its_way_makes_no_invoice_past_due() -> None:
    customer = a_customer()
    invoice = an_invoice(customer, status="open", attempt_count=1)
    payment = a_payment(customer, invoice, status="processing")

    assert [each.past_due for each in payment_page(payment.id, NOON).purposes] == [False]


def test_net_is_per_currency_of_the_balance_and_never_added_across() -> None:
    payment = a_payment(a_customer())
    charge = a_charge(payment)
    a_balance_transaction(source_id=charge.id)
    a_balance_transaction(source_id=charge.id, currency="usd", amount=100, fee=10, net=90)

    assert payment_page(payment.id, NOON).net == [Amount(2790, "eur"), Amount(90, "usd")]


@pytest.mark.parametrize("data", [{}, [], {"outcome": 3}, {"outcome": {"seller_message": None, "risk_score": "high"}}])
def test_any_shape_of_a_stored_charge_is_read(data) -> None:
    payment = a_payment(a_customer())
    charge = a_charge(payment)
    customer = djstripe.Customer.objects.create(id=payment.customer_id, livemode=False, stripe_data={})
    djstripe.Charge.objects.create(
        id=charge.id, livemode=False, amount=29, currency="eur", customer=customer, stripe_data=data
    )

    (attempt,) = payment_page(payment.id, NOON).attempts
    assert (attempt.seller_message, attempt.risk_score) == ("", None)


def test_a_charge_leads_to_its_intent_and_stands_alone_without_one() -> None:
    payment = a_payment(a_customer())
    charge = a_charge(payment)
    old = a_charge(payment, payment_intent_id="", status="failed", failure_code="expired_card")
    orphan = a_charge(payment, payment_intent_id="pi_never_read")

    assert intent_of(charge.id) == payment.id
    assert intent_of(old.id) == intent_of(orphan.id) == ""
    page = payment_page(old.id, NOON)
    assert page.standing == "failed"
    assert [each.charge for each in page.attempts] == [old]
    assert not Payment.objects.filter(id=old.id).exists()


@pytest.mark.parametrize("unknown", ["pi_unknown", "ch_unknown", "nonsense"])
def test_an_unknown_one_is_not_there(unknown: str) -> None:
    with pytest.raises(Payment.DoesNotExist):
        payment_page(unknown, NOON)
    with pytest.raises(Payment.DoesNotExist):
        intent_of(unknown)
    assert not Charge.objects.exists()


def test_the_number_of_queries_does_not_grow(django_assert_num_queries) -> None:
    customer = a_customer()
    payment = a_payment(customer, an_invoice(customer))
    for count in (1, 9):
        for _ in range(count):
            a_refund(charge := a_charge(payment))
            a_dispute(charge)
            a_balance_transaction(source_id=charge.id)
        with django_assert_num_queries(QUERIES):
            payment_page(payment.id, NOON)
