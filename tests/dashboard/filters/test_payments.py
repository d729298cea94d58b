from decimal import Decimal

from django.http import QueryDict

from dashboard.filters.payments import PaymentsFilter
from finances.models import Payment
from finances.reads.payments import newest_payments
from tests.factories import NOON, a_charge, a_customer, a_payment


def filters(query: str) -> PaymentsFilter:
    return PaymentsFilter(QueryDict(query), newest_payments(), now=NOON)


def found(query: str) -> list[Payment]:
    return list(filters(query).qs)


def test_every_condition_on_an_attempt_is_about_the_same_one(db) -> None:
    payment = a_payment(a_customer())
    a_charge(payment, status="failed", failure_code="expired_card", brand="visa", last4="1111")
    a_charge(payment, brand="mastercard", last4="2222")

    assert found("reason=expired_card&brand=visa&last4=1111&failed=2026-11") == [payment]
    assert found("reason=expired_card&brand=mastercard") == []
    assert found("last4=2222&failed=2026-11") == []
    assert found("reason=expired_card&failed=2026-10") == []


def test_each_condition_is_a_chip_that_can_be_let_go(db) -> None:
    chips = {chip.text: chip.without for chip in filters("reason=lost_card&failed=2026-11&amount_from=9.5").chips()}

    assert list(chips) == ["Failed because: lost_card", "Failed in November 2026", "Amount from: 9.5"]
    assert "reason" not in chips["Failed because: lost_card"]
    assert "failed=2026-11" in chips["Failed because: lost_card"]


def test_an_amount_is_read_exactly(db) -> None:
    assert filters("amount_from=0.10").in_force() == {"amount_from": Decimal("0.10")}
    payment = a_payment(a_customer(), amount=10)

    assert found("amount_from=0.10&amount_to=0.10") == [payment]
    assert found("amount_from=0.11") == []
