from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from finances.metrics.revenue import revenue
from tests.factories import a_charge, a_customer, a_payment, a_refund, an_invoice

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def paid(at: datetime, amount: int, currency: str = "eur", **fields):
    return an_invoice(a_customer(), total=amount, currency=currency, paid_at=at, **fields)


def by_month(currency: str, zone=UTC) -> dict[date, int]:
    found = {one.currency: one for one in revenue(NOW, zone)}
    return {month.first: month.amount_paid for month in found[currency] if month.amount_paid}


def test_what_was_paid_stands_in_the_month_of_its_payment_each_currency_alone():
    paid(datetime(2026, 10, 3, tzinfo=UTC), 1000)
    paid(datetime(2026, 10, 30, tzinfo=UTC), 500, created_at=datetime(2026, 9, 1, tzinfo=UTC))
    paid(datetime(2026, 10, 5, tzinfo=UTC), 700, "jpy")

    assert by_month("eur") == {date(2026, 10, 1): 1500}
    assert by_month("jpy") == {date(2026, 10, 1): 700}


def test_months_are_cut_in_the_accounts_zone():
    paid(datetime(2026, 10, 31, 23, 30, tzinfo=UTC), 1000)

    assert by_month("eur", UTC) == {date(2026, 10, 1): 1000}
    assert by_month("eur", ZoneInfo("Europe/Berlin")) == {date(2026, 11, 1): 1000}


def test_only_paid_invoices_count_and_what_was_paid_of_them():
    paid(datetime(2026, 10, 3, tzinfo=UTC), 1000, amount_paid=400)
    paid(datetime(2026, 10, 3, tzinfo=UTC), 1000, status="void")

    assert by_month("eur") == {date(2026, 10, 1): 400}


def test_the_range_is_twelve_whole_months_with_the_current_one_last_and_empty_ones_at_zero():
    paid(datetime(2025, 12, 1, tzinfo=UTC), 1)
    paid(datetime(2025, 11, 30, 23, 59, 59, tzinfo=UTC), 2)

    (eur,) = revenue(NOW, UTC)

    assert next(month.first for month in eur) == date(2025, 12, 1)
    assert [month.first for month in eur][-1] == date(2026, 11, 1)
    assert [month.amount_paid for month in eur] == [1] + [0] * 11


def test_all_currencies_take_three_queries_while_nothing_is_summed(django_assert_num_queries):
    for currency in ("eur", "usd", "jpy"):
        paid(datetime(2026, 10, 3, tzinfo=UTC), 1000, currency)

    with django_assert_num_queries(3):  # how the totals stand, invoices, refunds
        assert len(revenue(NOW, UTC)) == 3


def refunded(at: datetime, amount: int, currency: str = "eur", **fields):
    payment = a_payment(a_customer(), amount=amount, currency=currency)
    return a_refund(a_charge(payment), amount=amount, created_at=at, **fields)


def test_what_was_given_back_stands_beside_it_in_the_month_of_the_refund():
    paid(datetime(2026, 9, 3, tzinfo=UTC), 1000)
    paid(datetime(2026, 10, 3, tzinfo=UTC), 5000)
    refunded(datetime(2026, 10, 30, tzinfo=UTC), 700)
    refunded(datetime(2026, 10, 30, tzinfo=UTC), 50, status="failed")
    refunded(datetime(2026, 10, 30, tzinfo=UTC), 90, "jpy")

    eur, jpy = revenue(NOW, UTC)

    assert [(month.amount_paid, month.refunded, month.net) for month in eur if month.amount_paid] == [
        (1000, 0, 1000),
        (5000, 700, 4300),
    ]
    assert (jpy.currency, [month.net for month in jpy if month.refunded]) == ("jpy", [-90])
