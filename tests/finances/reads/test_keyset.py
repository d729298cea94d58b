from datetime import timedelta

import pytest

from finances.models import Customer
from finances.reads.keyset import capped_count, page
from tests.factories import NOON, a_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def newest_first():
    """Seven customers; three share a moment, so that the id decides between them."""
    hours = [0, 1, 2, 2, 2, 3, 4]
    rows = [
        a_customer(id=f"cus_{number}", created_at=NOON + timedelta(hours=hour)) for number, hour in enumerate(hours)
    ]
    return [row.pk for row in reversed(rows)]


def ids(rows) -> list[str]:
    return [row.pk for row in rows]


def test_going_older_and_back_meets_every_row_once(newest_first):
    first = page(Customer.objects.all(), size=3)
    second = page(Customer.objects.all(), after=first.older, size=3)
    third = page(Customer.objects.all(), after=second.older, size=3)

    assert ids(first.rows) + ids(second.rows) + ids(third.rows) == newest_first
    assert first.newer is None
    assert third.older is None
    back = page(Customer.objects.all(), before=third.newer, size=3)
    assert ids(back.rows) == ids(second.rows)
    assert page(Customer.objects.all(), before=back.newer, size=3).newer is None


@pytest.mark.parametrize(
    "cursor", ["x", "%%%", "WyJ4Il0", "bnVsbA", "W251bGwsIG51bGxd", "é", "A" * 9999, "WyIyMDI2LTExLTIwIiwgImEiXQ"]
)
def test_a_cursor_that_does_not_read_is_the_beginning_and_says_so(newest_first, cursor):
    found = page(Customer.objects.all(), after=cursor, size=3)

    assert ids(found.rows) == newest_first[:3]
    assert found.bad_cursor


def test_rows_that_come_in_between_do_not_shift_the_pages(newest_first):
    first = page(Customer.objects.all(), size=3)
    a_customer(created_at=NOON + timedelta(days=1))

    assert ids(page(Customer.objects.all(), after=first.older, size=3).rows) == newest_first[3:6]


def test_counting_stops_at_the_cap(newest_first):
    assert capped_count(Customer.objects.all(), cap=100) == 7
    assert capped_count(Customer.objects.all(), cap=5) == 6
