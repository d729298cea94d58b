import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finances.models import Customer, Invoice, Subscription
from finances.reads.keyset import Order, capped_count, every, page
from tests.factories import NOON, a_customer, a_subscription, an_invoice

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


ORDERS = {
    "a time": (Customer, Order("created_at")),
    "a text": (Customer, Order("name", folded=True)),
    "a text with capitals": (Customer, Order("email")),
    "a whole number": (Invoice, Order("total")),
    "a time that may be missing": (Invoice, Order("due_at")),
    "a decimal that may be missing": (Subscription, Order("mrr")),
}
VALUES = {
    "name": st.sampled_from(
        ["", "ada", "Ada", "ADA", "Zoë", "zoë", "Ørsted", "Ægir", "a b", "%", "_", "'", "𝔄", "نور"]
    ),
    "email": st.sampled_from(["", "a@x.test", "A@x.test", "b@x.test", "ab@x.test"]),
    "total": st.sampled_from([-5, 0, 1, 2900, 2901, 2**62]),
    "due_at": st.none() | st.integers(0, 3).map(lambda hour: NOON + timedelta(hours=hour, microseconds=hour)),
    "created_at": st.integers(0, 3).map(lambda hour: NOON + timedelta(hours=hour)),
    "mrr": st.none() | st.sampled_from([Decimal(0), Decimal("2900.000001"), Decimal("2900"), Decimal("-1.5")]),
}
MAKE = {
    Customer: a_customer,
    Invoice: lambda **fields: an_invoice(SOMEBODY, **fields),
    Subscription: lambda **fields: a_subscription(SOMEBODY, **fields),
}
SOMEBODY = Customer(id="cus_somebody", name="Somebody")


def in_order(order: Order, model) -> list[str]:
    """As one looks at all of them: the database says which of two comes first, and what is empty goes to the end."""
    rows = list(order.arranged(model.objects.all()))
    filled = [row for row in rows if getattr(row, order.column) not in (None, "")]
    return ids(filled) + ids(row for row in rows if row not in filled)


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("what", ORDERS)
@given(data=st.data())
def test_all_pages_forwards_and_back_give_each_row_once_in_order(what, descending, data):
    model, order = ORDERS[what]
    order = replace(order, descending=descending, gathered=data.draw(st.booleans()))
    values = data.draw(st.lists(VALUES[order.column], max_size=12))
    size = data.draw(st.integers(1, 5))
    model.objects.all().delete()
    for value in values:
        MAKE[model](**{order.column: value})
    expected = in_order(order, model)

    pages, after = [], None
    while True:
        pages.append(page(model.objects.all(), order=order, after=after, size=size))
        if (after := pages[-1].older) is None:
            break
    back, before = [], pages[-1].newer
    while before is not None:
        back.insert(0, page(model.objects.all(), order=order, before=before, size=size))
        assert back[0].older, "one has just come from there"
        before = back[0].newer

    assert [key for each in pages for key in ids(each.rows)] == expected
    assert [ids(each.rows) for each in back] == [ids(each.rows) for each in pages[:-1]]
    assert not any(each.bad_cursor for each in pages + back)
    assert [key for batch in every(model.objects.all(), order=order, size=size) for key in ids(batch)] == expected


def test_the_order_of_a_number_is_the_numbers_and_not_the_texts():
    for total in (9, 100, 20):
        an_invoice(SOMEBODY, total=total)

    first = page(Invoice.objects.all(), order=Order("total"), size=2)
    second = page(Invoice.objects.all(), order=Order("total"), after=first.older, size=2)

    assert [row.total for row in first.rows + second.rows] == [100, 20, 9]


def test_what_is_empty_stands_last_in_both_directions():
    for due in (None, NOON, NOON + timedelta(days=1)):
        an_invoice(SOMEBODY, due_at=due)

    for descending in (True, False):
        rows = page(Invoice.objects.all(), order=Order("due_at", descending=descending)).rows
        assert rows[-1].due_at is None


def test_a_name_stands_where_it_does_whatever_its_capitals():
    for name in ("bert", "Ada", "adam", "Bo"):
        a_customer(name=name)

    rows = page(Customer.objects.all(), order=Order("name", descending=False, folded=True)).rows
    assert [row.name for row in rows] == ["Ada", "adam", "bert", "Bo"]


@pytest.mark.parametrize("sign", ["a", "ж", "ن", "𝔄"])
def test_the_longest_name_is_a_place_that_fits_an_address(sign):
    for number in range(3):
        a_customer(id=f"cus_{number}", name=sign * 512)
    order = Order("name", descending=False, folded=True)

    first = page(Customer.objects.all(), order=order, size=1)

    assert len(first.older) < 3000
    assert ids(page(Customer.objects.all(), order=order, after=first.older).rows) == ["cus_1", "cus_2"]


def test_one_page_is_one_query_and_two_where_what_is_empty_begins(django_assert_num_queries):
    for due in (None, NOON, NOON, NOON):
        an_invoice(SOMEBODY, due_at=due)

    with django_assert_num_queries(1):
        page(Invoice.objects.all(), order=Order("due_at"), size=2)
    with django_assert_num_queries(2):
        page(Invoice.objects.all(), order=Order("due_at"), size=3)
    with django_assert_num_queries(1):
        page(Invoice.objects.all(), order=Order("total"), size=9)


@pytest.mark.parametrize(
    "written",
    [
        ["1e999999", "in_1"],
        ["NaN", "in_1"],
        ["-Infinity", "in_1"],
        ["9" * 40, "in_1"],
        ["2900", "in\x00"],
        ["2900", "in_\ud800"],
        ["2900", ""],
        ["2900", None],
        [2900, "in_1"],
        ["2026-11-20T12:00:00+00:00", "in_1"],
        ["0001-01-01T00:00:00+14:00", "in_1"],
        ["2026-11-20", "in_1"],
        [None, "in_1"],
    ],
)
@pytest.mark.parametrize("column", ["total", "due_at", "created_at", "number"])
def test_a_cursor_that_is_another_orders_or_nobodys_never_breaks_the_list(written, column):
    an_invoice(SOMEBODY)

    found = page(
        Invoice.objects.all(), order=Order(column), after=urlsafe_b64encode(json.dumps(written).encode()).decode()
    )

    assert found.rows or not found.bad_cursor
