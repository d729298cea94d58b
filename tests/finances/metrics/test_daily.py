"""A number comes from the totals where they are right, and from the rows where they are not."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from finances.metrics.daily import MOST_SPANS, days_within, standing, sums
from finances.metrics.failed_payments import failures_in
from finances.metrics.mrr import monthly_recurring_revenue
from finances.metrics.revenue import PAID, revenue
from finances.metrics.subscribers import subscribers
from finances.models import DailyRevenue, DirtyDay
from finances.periods import end_of_day, start_of
from finances.snapshot import one_snapshot
from finances.totals.settling import settle_due
from tests.factories import a_charge, a_customer, a_payment, a_refund, a_subscription, an_invoice

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=100)


def paid_in_all() -> int:
    return sum(month.amount_paid for one in revenue(NOW, UTC) for month in one)


def test_days_that_nobody_changed_come_from_the_totals():
    an_invoice(a_customer(), paid_at=LONG_AGO)
    settle_due()
    DailyRevenue.objects.update(amount=7)  # to see who is asked

    assert paid_in_all() == 7


def test_a_day_that_changed_comes_from_its_rows_at_once():
    an_invoice(a_customer(), paid_at=LONG_AGO, total=1000)
    settle_due()
    an_invoice(a_customer(), paid_at=LONG_AGO, total=500)

    assert paid_in_all() == 1500


def test_today_comes_from_its_rows_up_to_now():
    an_invoice(a_customer(), paid_at=NOW, total=1000)
    an_invoice(a_customer(), paid_at=NOW + timedelta(seconds=1), total=500)
    settle_due()

    assert paid_in_all() == 1000


def test_a_time_that_begins_or_ends_within_a_day_is_cut_there():
    for hour in (8, 12, 16):
        an_invoice(a_customer(), paid_at=datetime(2026, 11, 3, hour, tzinfo=UTC), total=hour)
    an_invoice(a_customer(), paid_at=datetime(2026, 11, 4, 12, tzinfo=UTC), total=100)
    settle_due()
    noon, last = datetime(2026, 11, 3, 12, tzinfo=UTC), end_of_day(date(2026, 11, 4), UTC)

    found = sums(PAID, [], [noon, last], standing(UTC), since=datetime(2026, 11, 3, 9, tzinfo=UTC))
    whole = sums(PAID, ["currency"], [last], standing(UTC), since=start_of(date(2026, 11, 3), UTC))

    assert found == {(0,): (1, 12), (1,): (2, 116)}
    assert whole == {(0, "eur"): (4, 136)}


def test_with_very_many_changed_days_all_of_it_comes_from_the_rows():
    an_invoice(a_customer(), paid_at=LONG_AGO, total=1000)
    settle_due()
    DailyRevenue.objects.update(amount=7)
    DirtyDay.objects.bulk_create(
        DirtyDay(kind="revenue", day=(NOW - timedelta(days=2 * number)).date()) for number in range(MOST_SPANS + 1)
    )

    assert paid_in_all() == 1000


def test_a_day_of_utc_is_on_two_days_elsewhere():
    day = date(2026, 11, 20)

    assert days_within([day], UTC) == {day}
    assert days_within([day], ZoneInfo("America/New_York")) == {day - timedelta(days=1), day}
    assert days_within([day], ZoneInfo("Pacific/Kiritimati")) == {day, day + timedelta(days=1)}


def fill(size: int) -> None:
    for number in range(size):
        at, currency = NOW - timedelta(days=number), ("eur", "jpy")[number % 2]
        an_invoice(a_customer(), paid_at=at, currency=currency)
        a_subscription(a_customer(), paying_since=at, paying_until=at + timedelta(days=9), mrr=Decimal(number))
        a_refund(a_charge(a_payment(a_customer(), created_at=at), status="failed"), created_at=at)


@pytest.mark.parametrize(
    ("number", "most"),
    [
        (lambda: revenue(NOW, UTC), 5),
        (lambda: monthly_recurring_revenue(NOW, UTC), 4),
        (lambda: subscribers(NOW, UTC), 4),
        (lambda: failures_in(date(2026, 11, 1), UTC), 2),
    ],
)
def test_queries_do_not_grow_with_the_rows_nor_with_the_days(number, most):
    counted = []
    for size in (2, 12):
        fill(size)
        settle_due()
        with CaptureQueriesContext(connection) as queries:
            number()
        counted.append(len(queries))

    assert counted == [most, most]


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_sees_nothing_that_comes_later():
    def write() -> None:
        an_invoice(a_customer(), paid_at=LONG_AGO)
        settle_due()
        connections.close_all()

    an_invoice(a_customer(), paid_at=LONG_AGO, total=1)
    settle_due()

    with one_snapshot():
        before = paid_in_all()
        writer = Thread(target=write)
        writer.start()
        writer.join()
        within = paid_in_all()

    assert (before, within) == (1, 1)
    assert paid_in_all() == 2901
