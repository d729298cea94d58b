import pytest

from dashboard.tables.refunds import FAILURES, REASONS, failure, reason, share, standing
from finances.models import Charge, Refund


@pytest.mark.parametrize(
    "code",
    ["lost_or_stolen_card", "expired_or_canceled_card", "charge_for_pending_refund_disputed", "insufficient_funds",
     "declined", "merchant_request", "unknown"],
)  # fmt: skip
def test_each_documented_failure_is_a_sentence(code: str) -> None:
    failed = failure(Refund(status="failed", failure_reason=code))

    assert failed is not None
    assert failed.sentence == FAILURES[code]
    assert failed.code == code


def test_what_is_not_known_is_not_guessed() -> None:
    unknown = failure(Refund(status="failed", failure_reason="moon_phase"))

    assert unknown is not None
    assert unknown.sentence == "Stripe names the reason only by its code, moon_phase."
    assert failure(Refund(status="succeeded")) is None
    silent = failure(Refund(status="failed"))
    assert silent is not None
    assert silent.code == ""
    assert (reason("moon_phase"), reason("")) == ("Moon phase", "")
    assert set(REASONS) == {"duplicate", "expired_uncaptured_charge", "fraudulent", "requested_by_customer"}


def test_how_much_of_the_charge_went_back() -> None:
    charge = Charge(amount=2900, currency="eur")

    assert share(Refund(amount=2900), charge) == "in full"
    assert share(Refund(amount=900), charge) == "part of 29.00 EUR"
    assert share(Refund(amount=900), Charge(amount=5000, currency="jpy")) == "part of 5,000 JPY"
    assert share(Refund(amount=900), None) == ""


def test_a_refund_that_waits_says_for_whom() -> None:
    assert standing("requires_action") == ("Waits for the customer", "warning")
    assert standing("succeeded") == ("Succeeded", "positive")
