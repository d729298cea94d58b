from datetime import timedelta

from finances.reads.returns import returns_of_customer, returns_of_payments
from tests.factories import (
    NOON,
    a_charge,
    a_credit_note,
    a_customer,
    a_dispute,
    a_payment,
    a_refund,
    an_invoice,
)


def test_refunds_disputes_and_credit_notes_come_in_one_query_newest_first(db, django_assert_num_queries) -> None:
    customer = a_customer()
    charge = a_charge(a_payment(customer), id="ch_1")
    older = a_refund(charge, amount=100, created_at=NOON - timedelta(days=1))
    newer = a_refund(charge, amount=200)
    dispute = a_dispute(charge)
    note = a_credit_note(an_invoice(customer), number="NV-1-CN-01", total=700)
    a_refund(a_charge(a_payment(a_customer())))

    with django_assert_num_queries(1):
        found = returns_of_customer(customer.id)
    assert [each.id for each in found.refunds] == [newer.id, older.id]
    assert [(each.amount, each.about_id) for each in found.refunds] == [
        (200, charge.payment_intent_id),
        (100, charge.payment_intent_id),
    ]
    (disputed,), (credited,) = found.disputes, found.credit_notes
    assert (disputed.id, disputed.answer_by, disputed.waits_for_us) == (dispute.id, dispute.evidence_due_at, True)
    assert (credited.id, credited.reference, credited.amount) == (note.id, "NV-1-CN-01", 700)
    assert (credited.about_id, credited.answer_by, credited.waits_for_us) == (note.invoice_id, None, False)
    assert credited.created_at == NOON


def test_only_a_dispute_that_needs_an_answer_waits_for_us(db) -> None:
    charge = a_charge(a_payment(a_customer()))
    for status in ("needs_response", "warning_needs_response", "under_review", "won", "lost", "warning_closed"):
        a_dispute(charge, status=status)

    waiting = [each.status for each in returns_of_customer(charge.customer_id).disputes if each.waits_for_us]
    assert sorted(waiting) == ["needs_response", "warning_needs_response"]


def test_of_payments_only_what_hangs_on_them_or_on_their_charges_is_found(db) -> None:
    customer = a_customer()
    charge, alone, other = (a_charge(a_payment(customer)) for _ in range(3))
    refund, dispute = a_refund(charge), a_dispute(alone, payment_intent_id="")
    a_refund(other)

    found = returns_of_payments([charge.payment_intent_id], [alone.id])
    assert [each.id for each in found.refunds] == [refund.id]
    assert [each.id for each in found.disputes] == [dispute.id]
    assert found.credit_notes == []
