import pytest

from dashboard.tables.payments import last_failure, method, movement, risk, said, standing
from finances.models import BalanceTransaction, Charge, Payment, PaymentMethod
from finances.reads.payment import Attempt


def test_a_method_is_named_by_its_brand_or_its_kind() -> None:
    card = Charge(method_type="card", brand="amex", last4="0005")
    debit = PaymentMethod(type="sepa_debit", brand="Deutsche Bank", last4="3000")

    assert method(card) == ("Amex", "0005")
    assert method(debit) == ("SEPA debit", "3000")
    assert method(Charge(method_type="card", brand="new_brand")) == ("New Brand", "")
    assert method(PaymentMethod(type="moon_pay")) == ("Moon pay", "")
    assert method(Charge()) is None
    assert method(None) is None


def test_radar_is_blamed_only_for_the_attempt_that_it_stopped() -> None:
    payment = Payment(failure_code="card_declined", decline_code="fraudulent")
    blocked = Charge(status="failed", failure_code="card_declined", decline_code="rule", outcome_type="blocked")

    assert last_failure(payment, blocked).name == "Stopped by Radar"
    later = Payment(failure_code="payment_intent_authentication_failure")
    assert last_failure(later, blocked).name == "Approval failed"


def test_without_an_error_of_the_intent_the_charge_tells() -> None:
    charge = Charge(status="failed", failure_code="expired_card")

    assert last_failure(Payment(), charge).sentence == "The card has expired."
    assert last_failure(Payment(), Charge(status="succeeded")).code == ""
    assert last_failure(Payment(), None).code == ""


@pytest.mark.parametrize(
    ("level", "score", "words"),
    [
        ("normal", 23, "normal, 23 of 100"),
        ("highest", None, "highest"),
        ("not_assessed", None, ""),
        ("unknown", 5, ""),
        ("", None, ""),
    ],
)
def test_risk_is_told_where_stripe_looked(level: str, score: int | None, words: str) -> None:
    assert risk(Attempt(Charge(risk_level=level), "", "", score, "")) == words


@pytest.mark.parametrize(
    ("status", "message", "told"),
    [
        ("failed", "The bank returned the decline code `lost_card`.", ""),
        ("failed", "The bank did not return any further details with this decline.", ""),
        ("failed", "Stripe blocked this payment as too risky.", "Stripe blocked this payment as too risky."),
        ("succeeded", "Payment complete.", ""),
    ],
)
def test_stripes_own_words_are_told_where_they_say_more(status: str, message: str, told: str) -> None:
    charge = Charge(status=status, decline_code="lost_card")

    assert said(Attempt(charge, message, "", None, "")) == told


def test_a_movement_of_a_dispute_is_not_called_an_adjustment() -> None:
    assert movement(BalanceTransaction(type="adjustment", reporting_category="dispute")) == "Dispute"
    assert movement(BalanceTransaction(type="charge", reporting_category="charge")) == "Payment"
    assert movement(BalanceTransaction(type="new_kind")) == "New kind"


def test_a_standing_that_nobody_knows_is_readable() -> None:
    assert standing("brand_new") == ("Brand new", "neutral")
