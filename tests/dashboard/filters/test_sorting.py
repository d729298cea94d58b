"""What each list can be sorted by: the parameter, its words, and the index that serves it."""

import json

import pytest
from django.db import connection
from django.http import QueryDict

from dashboard.filters.invoices import InvoicesFilter
from dashboard.filters.products import ProductsFilter
from dashboard.filters.sorting import INVOICES
from dashboard.pages.exported_lists import LISTS
from finances.models import Product
from finances.reads.invoices import newest_invoices
from finances.reads.keyset import page
from tests.factories import NOON, a_customer, an_invoice

pytestmark = pytest.mark.django_db
SORTED = {name: list_page for name, list_page in LISTS.items() if list_page.sorts.every}


def filters(query: str) -> InvoicesFilter:
    return InvoicesFilter(QueryDict(query), newest_invoices(), now=NOON, sorts=INVOICES)


@pytest.mark.parametrize("name", SORTED)
def test_each_sort_stands_once_with_words_of_its_own(name):
    sorts = SORTED[name].sorts

    assert len({each.value for each in sorts}) == len({str(each.words) for each in sorts}) == 2 * len(sorts.every)
    assert not sorts.usual or sorts.read(sorts.usual)


@pytest.mark.parametrize("value", ["colour", "--total", "total,id", "%00", "-", "x" * 300, "search_text", "Total"])
def test_an_unknown_sort_changes_nothing_and_is_named(value):
    read = filters(f"status=open&sort={value}")

    (sentence,) = read.left_out()
    assert sentence.startswith("A list cannot be sorted by ")
    assert len(sentence) < 150
    assert read.sorted == INVOICES.read("-created")
    assert read.query() == "?status=open"


def test_a_list_without_sorts_knows_no_such_parameter():
    read = ProductsFilter(QueryDict("sort=name"), Product.objects.all(), now=NOON)

    assert list(read.left_out()) == ["sort is not a filter here; it was left out."]


def test_another_condition_keeps_the_order_and_the_order_keeps_the_conditions():
    read = filters("sort=-total&q=nord&status=open&after=abc")

    assert list(read.left_out()) == []
    assert read.query("status", "paid") == "?q=nord&status=paid&sort=-total"
    assert read.query("sort", "due") == "?q=nord&status=open&sort=due"
    assert read.query("sort") == "?q=nord&status=open"
    assert read.chips()[0].without == "?q=nord&sort=-total"


def test_the_usual_order_has_no_parameter():
    assert filters("sort=-created").query() == "?"
    assert filters("sort=created").query() == "?sort=created"


@pytest.mark.parametrize("name", SORTED)
def test_each_order_can_be_read_of_each_list(name):
    rows = SORTED[name]().rows()

    for each in SORTED[name].sorts:
        assert page(rows, order=each.order).rows == []


def test_what_is_empty_is_last_in_the_list_too():
    customer = a_customer()
    late = an_invoice(customer, due_at=NOON)
    without = an_invoice(customer)

    for value in ("due", "-due"):
        order = INVOICES.read(value).order
        assert page(newest_invoices(), order=order).rows == [late, without]


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has another planner")
@pytest.mark.parametrize("name", SORTED)
def test_an_index_serves_each_order(name):
    """Where it cannot sort, PostgreSQL says so by sorting all the same."""
    statements = []

    def note(execute, sql, params, many, context):
        statements.append((sql, params))
        return execute(sql, params, many, context)

    for each in SORTED[name].sorts:
        with connection.execute_wrapper(note):
            page(SORTED[name]().rows(), order=each.order)
    plans = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        for sql, params in statements:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            plans.append((json.dumps(cursor.fetchone()[0]), sql))

    assert len(plans) >= 2 * len(SORTED[name].sorts.every)
    assert [sql for plan, sql in plans if '"Node Type": "Sort"' in plan or "Incremental Sort" in plan] == []
