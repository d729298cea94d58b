from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finances.models import Invoice
from finances.reads.receivables import debtors, disputes_to_answer, last_failures
from tests.factories import NOON, a_charge, a_customer, a_dispute, a_payment, an_invoice

pytestmark = pytest.mark.django_db


def owed(customer, amount: int = 100, **fields) -> Invoice:
    return an_invoice(customer, status="open", total=amount, **fields)


@given(amounts=st.lists(st.integers(0, 3), max_size=14), size=st.integers(1, 4))
def test_there_and_back_again_each_customer_is_on_one_page(db, amounts, size):
    Invoice.objects.all().delete()
    for amount in amounts:
        owed(a_customer(), amount)
    everybody = Invoice.objects.values_list("customer_id", "amount_remaining")
    wanted = sorted(everybody, key=lambda each: (-each[1], each[0]))

    page, there = debtors(Invoice.objects.all(), size=size), []
    while True:
        there.append([(row.customer_id, row.amount) for row in page.rows])
        if page.older is None:
            break
        page = debtors(Invoice.objects.all(), after=page.older, size=size)
    back = [there[-1]]
    while page.newer:
        page = debtors(Invoice.objects.all(), before=page.newer, size=size)
        back.append([(row.customer_id, row.amount) for row in page.rows])

    assert [each for page in there for each in page] == wanted
    assert back == there[::-1]


def test_the_oldest_and_the_next_attempt_are_those_of_all_their_invoices():
    ada = a_customer(name="Ada")
    owed(ada, 100, due_at=NOON - timedelta(days=3), collection_method="send_invoice")
    owed(ada, 50, finalized_at=NOON - timedelta(days=9), next_attempt_at=NOON + timedelta(days=2))
    owed(ada, 20, finalized_at=NOON, next_attempt_at=NOON + timedelta(days=1))

    (row,) = debtors(Invoice.objects.all()).rows
    assert (row.customer, row.amount, row.invoices, row.sent) == (ada, 170, 3, 1)
    assert (row.oldest, row.dated) == (NOON - timedelta(days=9), False)
    assert row.next_attempt_at == NOON + timedelta(days=1)


def test_what_a_debit_is_paying_is_told_from_what_waits(django_assert_num_queries):
    ada = a_customer()
    a_payment(ada, owed(ada, attempt_count=1), status="processing")
    a_payment(ada, owed(ada, collection_method="send_invoice"), status="processing")
    a_payment(ada, owed(ada, collection_method="send_invoice"), status="requires_payment_method")

    with django_assert_num_queries(4):
        (row,) = debtors(Invoice.objects.all()).rows
    assert (row.invoices, row.on_its_way, row.sent) == (3, 2, 1)


def test_the_newest_failure_of_what_is_open_is_the_last_one():
    ada = a_customer()
    invoice, paid = owed(ada), an_invoice(ada)
    failed = {"status": "requires_payment_method", "failure_code": "card_declined"}
    a_payment(ada, invoice, **failed, decline_code="lost_card", created_at=NOON - timedelta(days=2))
    newest = a_payment(ada, invoice, **failed, decline_code="insufficient_funds", created_at=NOON - timedelta(days=1))
    charge = a_charge(newest, status="failed")
    newest.latest_charge_id = charge.pk
    newest.save()
    a_payment(ada, paid, **failed)
    a_payment(ada, invoice, status="processing")

    failures = last_failures(Invoice.objects.filter(status="open"), [ada.pk, "cus_other"])
    assert failures == {ada.pk: (newest, charge)}


def test_a_customer_that_was_never_read_still_owes():
    owed(a_customer())
    Invoice.objects.update(customer_id="cus_unknown")

    (row,) = debtors(Invoice.objects.all()).rows
    assert (row.customer_id, row.customer) == ("cus_unknown", None)


def test_what_has_the_earliest_deadline_is_answered_first():
    charge = a_charge(a_payment(a_customer()))
    late = a_dispute(charge, evidence_due_at=NOON + timedelta(days=9))
    none = a_dispute(charge, evidence_due_at=None, status="warning_needs_response")
    soon = a_dispute(charge, evidence_due_at=NOON + timedelta(days=2))
    a_dispute(charge, status="under_review")
    a_dispute(charge, deleted_at=NOON)

    assert disputes_to_answer() == [soon, late, none]
    assert disputes_to_answer(most=1) == [soon]
