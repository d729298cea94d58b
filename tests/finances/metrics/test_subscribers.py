from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from finances.metrics.subscribers import (
    Month,
    customers_lost_in,
    customers_returned_in,
    subscribers,
    subscribers_at,
)
from finances.models import Customer, Subscription
from finances.periods import bounds, last_months, month_of
from tests.factories import a_customer, a_subscription

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def at(month: int, day: int = 10, year: int = 2026) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def paid(customer, since: datetime | None, until: datetime | None = None):
    return a_subscription(customer, paying_since=since, paying_until=until)


def happened() -> dict[date, tuple[int, int, int]]:
    """(new, returned, lost) of the months in which anything happened."""
    months = {month.first: (month.new, month.returned, month.lost) for month in subscribers(NOW, UTC)}
    return {first: counts for first, counts in months.items() if any(counts)}


def test_a_first_subscription_is_new_its_end_a_loss_and_the_next_one_a_return():
    customer = a_customer()
    paid(customer, at(2), at(5))
    paid(customer, at(8))

    assert happened() == {date(2026, 2, 1): (1, 0, 0), date(2026, 5, 1): (0, 0, 1), date(2026, 8, 1): (0, 1, 0)}
    assert subscribers(NOW, UTC).now == 1


@pytest.mark.parametrize("second", [(at(3), at(6)), (at(5), at(6)), (at(3), at(4)), (at(2), at(6))])
def test_a_second_subscription_that_overlaps_or_takes_over_at_once_changes_nothing(second):
    customer = a_customer()
    paid(customer, at(2), at(5))
    paid(customer, *second)

    ends = max(second[1], at(5)).date().replace(day=1)
    assert happened() == {date(2026, 2, 1): (1, 0, 0), ends: (0, 0, 1)}


def test_two_that_begin_and_end_together_are_one_subscriber():
    customer = a_customer()
    for _ in range(2):
        paid(customer, at(2), at(5))

    assert happened() == {date(2026, 2, 1): (1, 0, 0), date(2026, 5, 1): (0, 0, 1)}


def test_trials_and_what_lasted_no_time_are_no_subscribers():
    paid(a_customer(), None)
    paid(a_customer(), at(3), at(3))

    assert happened() == {}
    assert subscribers_at(NOW) == 0


def test_who_came_before_the_range_is_in_its_opening():
    paid(a_customer(), at(3, year=2020))
    paid(a_customer(), at(3, year=2020), at(5, year=2021))

    assert [month.opening for month in subscribers(NOW, UTC)] == [1] * 12


def test_months_are_cut_in_the_accounts_zone():
    customer = a_customer()
    paid(customer, datetime(2026, 9, 30, 23, tzinfo=UTC))

    assert [month.first for month in subscribers(NOW, BERLIN) if month.new] == [date(2026, 10, 1)]
    assert [month.first for month in subscribers(NOW, UTC) if month.new] == [date(2026, 9, 1)]
    assert Customer.objects.get(id=customer.id).paying_since == datetime(2026, 9, 30, 23, tzinfo=UTC)


# A few moments that meet often, the edges of months among them.
MOMENTS = [datetime(2026, 9, 1, tzinfo=UTC) + timedelta(days=days) for days in (-200, -1, 0, 3, 29, 30, 31, 61, 70, 82)]
pairs = some.tuples(some.sampled_from(MOMENTS), some.none() | some.sampled_from(MOMENTS)).filter(
    lambda pair: pair[1] is None or pair[0] <= pair[1]
)
histories = some.lists(some.lists(pairs, max_size=4), min_size=1, max_size=4)


def swept(history) -> list[tuple[str, datetime]]:
    """The same by hand, for one customer: lay the times together, then read off beginnings and ends."""
    far = datetime(9000, 1, 1, tzinfo=UTC)
    stretches: list[list[datetime]] = []
    for since, until in sorted((since, until or far) for since, until in history if since != until):
        if stretches and since <= stretches[-1][1]:
            stretches[-1][1] = max(stretches[-1][1], until)
        else:
            stretches.append([since, until])
    found = []
    for index, (since, until) in enumerate(stretches):
        found += [("returned" if index else "new", since), ("lost", until)]
    return found


@given(histories)
def test_each_months_figures_are_those_of_a_sweep_by_hand_and_add_up(history):
    Subscription.objects.all().delete()
    Customer.objects.all().delete()
    counted: Counter[tuple[str, date]] = Counter()
    who: dict[tuple[str, date], set[str]] = {}
    for index, pairs_of_one in enumerate(history):
        customer = a_customer(id=f"cus_{index}")
        for since, until in pairs_of_one:
            paid(customer, since, until)
        for kind, moment in swept(pairs_of_one):
            counted[kind, month_of(moment, UTC)] += 1
            who.setdefault((kind, month_of(moment, UTC)), set()).add(customer.id)

    months = list(subscribers(NOW, UTC))

    for month in months:
        kinds = ("new", "returned", "lost")
        assert [getattr(month, kind) for kind in kinds] == [counted[kind, month.first] for kind in kinds]
        assert month.opening + month.new + month.returned - month.lost == month.closing
        for kind, ids in (
            ("returned", customers_returned_in),
            ("lost", customers_lost_in),
        ):
            listed = {row["customer_id"] for row in ids(month.first, UTC)}
            assert listed == who.get((kind, month.first), set())
        first, after = bounds(month.first, UTC)
        new = Customer.objects.filter(paying_since__gte=first, paying_since__lt=after)
        assert set(new.values_list("id", flat=True)) == who.get(("new", month.first), set())
    assert [each.opening for each in months[1:]] == [each.closing for each in months[:-1]]
    assert months[-1].closing == subscribers_at(NOW)


def test_it_takes_three_queries(django_assert_num_queries):
    for month in range(1, 11):
        paid(a_customer(), at(month), at(month + 1))

    with django_assert_num_queries(3):
        found = subscribers(NOW, UTC)

    assert [month.first for month in found] == last_months(NOW, 12, UTC)
    assert found.months[1] == Month(date(2026, 1, 1), 0, 1, 0, 0)
