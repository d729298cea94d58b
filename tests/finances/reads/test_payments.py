import pytest

from finances.mirror.neighbours import tell_owners
from finances.models import Payment
from finances.reads.payments import (
    attempted,
    failed_for,
    newest_payments,
    payment_rows,
    payment_sums,
    standing,
    standing_of,
    with_attempts,
)
from finances.reads.search import found_with_attempts
from tests.factories import NOON, a_charge, a_customer, a_payment, a_payment_method, an_invoice

pytestmark = pytest.mark.django_db
DECLINED = {"failure_code": "card_declined", "decline_code": "insufficient_funds"}


def tried(charge: dict | None = None, **fields) -> Payment:
    payment = a_payment(a_customer(), **fields)
    if charge is not None:
        payment.latest_charge_id = a_charge(payment, **charge).id
        payment.save()
        tell_owners("charge", [payment.id])
    return payment


@pytest.mark.parametrize(
    ("payment", "charge", "name", "under"),
    [
        ({}, {}, "succeeded", {"succeeded"}),
        ({}, {"amount_refunded": 100}, "partially_refunded", {"succeeded", "refunded"}),
        ({}, {"amount_refunded": 2900, "refunded": True}, "refunded", {"succeeded", "refunded"}),
        ({}, {"amount_refunded": 100, "disputed": True}, "disputed", {"succeeded", "refunded", "disputed"}),
        ({"status": "requires_payment_method"} | DECLINED, {"status": "failed"}, "failed", {"failed"}),
        ({"status": "requires_payment_method", "failure_code": "expired_card"}, None, "failed", {"failed"}),
        ({"status": "requires_payment_method"}, None, "incomplete", {"incomplete"}),
        ({"status": "requires_confirmation"}, None, "incomplete", {"incomplete"}),
        ({"status": "requires_action"} | DECLINED, {"status": "failed"}, "requires_action", {"incomplete"}),
        ({"status": "requires_capture"}, {}, "uncaptured", {"uncaptured"}),
        ({"status": "processing"}, {"status": "pending"}, "processing", {"processing"}),
        ({"status": "canceled"} | DECLINED, {"status": "failed"}, "canceled", {"canceled"}),
        ({"status": "brand_new"}, None, "brand_new", {"brand_new"}),
    ],
)
def test_how_a_payment_stands_and_the_query_agrees_with_the_row(payment, charge, name, under) -> None:
    it = tried(charge, **payment)
    rows = payment_rows([it])

    assert rows[0].standing == standing_of(it, rows[0].latest) == name
    tabs = ["succeeded", "failed", "incomplete", "uncaptured", "processing", "canceled", "refunded", "disputed"]
    found = {tab for tab in [*tabs, "brand_new"] if Payment.objects.filter(standing(tab)).exists()}
    assert found == under


def test_a_reason_is_the_decline_code_or_else_the_failure_code() -> None:
    by_decline = tried({"status": "failed"} | DECLINED, status="requires_payment_method")
    by_failure = tried({"status": "failed", "failure_code": "insufficient_funds"}, status="requires_payment_method")
    tried({"status": "failed", "failure_code": "card_declined", "decline_code": "lost_card"})

    found = Payment.objects.filter(attempted(failed_for("insufficient_funds")))
    assert set(found) == {by_decline, by_failure}
    assert not Payment.objects.filter(attempted(failed_for("card_declined"))).exists()


def test_words_are_found_in_the_payment_its_attempts_and_its_customer() -> None:
    payment = a_payment(a_customer(name="Müller"))
    first = a_charge(payment, last4="0341", search_text="ch_first 0341")
    tried({})

    for words in ("müller", "0341", first.id.replace(first.id, "ch_first"), payment.id, "müller 0341"):
        found = found_with_attempts(newest_payments(), words)
        assert found.ids == {payment.id}, words
        assert list(newest_payments().filter(found.condition)) == [payment], words


def test_a_row_has_its_attempts_newest_first_its_invoice_and_its_method() -> None:
    customer = a_customer()
    payment = a_payment(customer, an_invoice(customer, number="NV-7"))
    old = a_charge(payment, status="failed", created_at=NOON.replace(hour=1))
    new = a_charge(payment, brand="mastercard", last4="5100")
    untried = a_payment(customer, status="requires_action", payment_method_id=a_payment_method(customer, last4="9").id)

    row, other = payment_rows([payment, untried])
    assert row.attempts == [new, old]
    assert row.method == new
    assert [each.number for each in row.purposes] == ["NV-7"]
    assert other.attempts == []
    assert other.method is not None
    assert other.method.last4 == "9"


def test_of_two_attempts_in_one_second_the_one_that_stripe_names_is_the_latest() -> None:
    payment = a_payment(a_customer())
    paid = a_charge(payment, id="ch_a", amount_refunded=100)
    a_charge(payment, id="ch_b", status="failed")
    payment.latest_charge_id = paid.id

    (row,) = payment_rows([payment])
    assert (row.latest, row.method, row.standing) == (paid, paid, "partially_refunded")


def test_sums_are_kept_apart_by_currency_and_end_at_the_cap() -> None:
    tried(amount=1000)
    tried(amount=500, status="requires_payment_method")
    tried(amount=70, currency="jpy")

    sums = payment_sums(newest_payments())
    assert sums is not None
    assert [(each.currency, each.payments, each.amount, each.received) for each in sums] == [
        ("eur", 2, 1500, 1000),
        ("jpy", 1, 70, 70),
    ]


def test_attempts_that_are_many_are_asked_of_each_payment_and_mean_the_same(monkeypatch) -> None:
    tried({"status": "failed"} | DECLINED)
    tried({"status": "succeeded"})
    condition = failed_for("insufficient_funds")
    few = with_attempts(condition)

    monkeypatch.setattr("finances.reads.payments.MOST_COUNTED", 0)
    many = with_attempts(condition)

    assert (few.is_broad, many.is_broad) == (False, True)
    wanted = Payment.objects.filter(attempted(condition))
    assert wanted.count() == 1
    assert set(Payment.objects.filter(few.rows)) == set(Payment.objects.filter(many.rows)) == set(wanted)
