from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from finances.metrics.failed_payments import Reason, failures_in
from tests.factories import a_charge, a_customer, a_payment

pytestmark = pytest.mark.django_db
NOVEMBER = date(2026, 11, 1)
MIDDLE = datetime(2026, 11, 10, tzinfo=UTC)


def attempted(amount: int = 2900, at: datetime = MIDDLE, currency: str = "eur", **fields):
    payment = a_payment(a_customer(), amount=amount, currency=currency)
    return a_charge(payment, **{"status": "failed", "failure_code": "card_declined", "created_at": at} | fields)


def test_attempts_are_counted_by_decline_code_or_else_by_failure_code():
    attempted(1000, decline_code="insufficient_funds")
    attempted(500, decline_code="insufficient_funds")
    attempted(700, failure_code="expired_card")
    attempted(900, failure_code="")

    (eur,) = failures_in(NOVEMBER, UTC)

    assert eur.reasons == (
        Reason("insufficient_funds", 2, 1500),
        Reason("", 1, 900),
        Reason("expired_card", 1, 700),
    )
    assert (eur.failed, eur.amount) == (4, 3100)


def test_the_share_is_of_all_attempts_of_the_currency():
    attempted()
    for _ in range(7):
        attempted(status="succeeded", failure_code="")
    attempted(currency="jpy")

    eur, jpy = failures_in(NOVEMBER, UTC)

    assert (eur.currency, eur.attempts, eur.share) == ("eur", 8, Decimal("12.5"))
    assert (jpy.currency, jpy.share) == ("jpy", Decimal(100))


def test_the_month_is_the_accounts_zones():
    attempted(at=datetime(2026, 10, 31, 23, 30, tzinfo=UTC))

    assert failures_in(NOVEMBER, UTC) == []
    assert failures_in(NOVEMBER, ZoneInfo("Europe/Berlin"))[0].failed == 1


def test_all_currencies_take_two_queries_while_nothing_is_summed(django_assert_num_queries):
    for currency in ("eur", "jpy"):
        attempted(currency=currency)

    with django_assert_num_queries(2):  # how the totals stand, and the rows
        assert len(failures_in(NOVEMBER, UTC)) == 2
