from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import timezone

from finances.metrics.mrr import Point, monthly_recurring_revenue
from finances.models import Subscription
from tests.factories import a_customer, a_subscription

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def worth(value: int | str | None, since: datetime | None, until: datetime | None = None, **fields):
    mrr = None if value is None else Decimal(value)
    return a_subscription(a_customer(), mrr=mrr, paying_since=since, paying_until=until, **fields)


def values(zone=UTC) -> dict[date, Decimal]:
    (one,) = monthly_recurring_revenue(NOW, zone)
    return {first: point.value for first, point in one if point.value}


def test_a_subscription_counts_at_the_end_of_each_month_in_which_it_is_still_paid_for():
    worth(2900, datetime(2026, 3, 31, 23, 59, tzinfo=UTC), datetime(2026, 6, 30, 23, 59, tzinfo=UTC))

    assert values() == {date(2026, month, 1): Decimal(2900) for month in (3, 4, 5)}


def test_month_ends_are_the_accounts_zones():
    worth(2900, datetime(2026, 3, 31, 22, 30, tzinfo=UTC), datetime(2026, 4, 30, 21, 30, tzinfo=UTC))

    assert values(UTC) == {date(2026, 3, 1): Decimal(2900)}
    (one,) = monthly_recurring_revenue(NOW, ZoneInfo("Europe/Berlin"))
    assert [point.value for _, point in one if point.value] == []


def test_now_it_is_the_sum_over_the_active_and_past_due_ones():
    last_year = NOW - timedelta(days=400)
    worth("2900.5", last_year)
    worth(100, last_year, status="past_due")
    worth(7, None, status="trialing")
    worth(50, last_year, NOW - timedelta(days=1), status="canceled")
    worth(60, last_year, NOW - timedelta(days=2), status="unpaid")

    (one,) = monthly_recurring_revenue(NOW, UTC)

    running = Subscription.objects.filter(status__in=["active", "past_due"])
    assert one.now.value == sum(each.mrr for each in running) == Decimal("3000.5")
    assert one.now.subscriptions == running.count()
    assert one.change == Decimal(-110)


def test_what_has_no_value_is_counted_and_not_guessed_and_nothing_is_worth_nothing():
    worth(None, NOW - timedelta(days=50))
    worth(0, NOW - timedelta(days=50))

    (one,) = monthly_recurring_revenue(NOW, UTC)

    assert one.now == Point(Decimal(0), subscriptions=2, uncounted=1)


def test_currencies_stand_alone_the_one_with_the_most_subscriptions_first(django_assert_num_queries):
    for currency, count in (("jpy", 2), ("eur", 3)):
        for _ in range(count):
            worth(100, NOW - timedelta(days=50), currency=currency)

    with django_assert_num_queries(3):  # how the totals stand, beginnings, ends
        found = monthly_recurring_revenue(NOW, UTC)

    assert [(one.currency, one.now.value) for one in found] == [("eur", Decimal(300)), ("jpy", Decimal(200))]


def test_what_ended_before_the_range_or_is_gone_from_stripe_is_nowhere():
    worth(100, NOW - timedelta(days=900), NOW - timedelta(days=500))
    worth(100, NOW - timedelta(days=900), deleted_at=NOW)

    assert monthly_recurring_revenue(NOW, UTC) == []


def test_after_a_read_of_everything_now_is_the_sum_over_the_active_and_past_due_ones(stripe):
    with pytest.raises(SystemExit) as ended:
        call_command("resync", "all", "--wait", stdout=StringIO())

    assert ended.value.code == 0
    found = monthly_recurring_revenue(timezone.now(), UTC)

    running = Subscription.objects.filter(status__in=["active", "past_due"])
    assert {one.currency: one.now.subscriptions for one in found if one.now.subscriptions} == Counter(
        each.currency for each in running
    )
    for one in found:
        theirs = [each.mrr for each in running if each.currency == one.currency]
        assert one.now.value == sum(value for value in theirs if value is not None)
        assert one.now.uncounted == theirs.count(None)
