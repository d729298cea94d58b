"""What a reading of whole months counts, and what of it is written down."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finances.models import ListedMonth, ResyncRun
from finances.resync.tally import Months, counted, keep, whole_months

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SEPTEMBER = date(2026, 9, 1)


def seconds(year: int, month: int, day: int = 1, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


def an_object(key: str, created: int) -> dict:
    return {"id": key, "created": created}


@pytest.mark.parametrize(
    ("filters", "months"),
    [
        ({}, Months(None, None)),
        ({"created": {"gte": seconds(2026, 9)}}, Months(date(2026, 9, 1), None)),
        ({"created": {"lt": seconds(2026, 9)}}, Months(None, date(2026, 9, 1))),
        ({"created": {"gte": seconds(2026, 9), "lt": seconds(2026, 11)}}, Months(SEPTEMBER, date(2026, 11, 1))),
        ({"created": {"gte": seconds(2026, 8, 2), "lt": seconds(2026, 10, 9)}}, Months(SEPTEMBER, date(2026, 10, 1))),
        ({"created": {"gte": seconds(2026, 11), "lt": seconds(2027, 1)}}, Months(date(2026, 11, 1), None)),
        ({"created": {"gte": seconds(2026, 9, 2), "lt": seconds(2026, 9, 20)}}, None),
        ({"created": {"gte": seconds(2027, 1)}}, None),
        ({"customer": "cus_1"}, None),
        ({"created": {"lte": seconds(2026, 9)}}, None),
    ],
)  # fmt: skip
def test_only_months_that_the_list_brings_whole_count(filters, months):
    assert whole_months(filters, NOW) == months


def test_a_page_is_counted_by_month_of_creation():
    objects = [
        an_object("a", seconds(2026, 9)),
        an_object("b", seconds(2026, 9, 30, 23)),
        an_object("c", seconds(2026, 10)),
    ]
    gone = datetime(2026, 10, 4, tzinfo=UTC)

    before = {"2026-09": [100, 100, 0, 0, 0]}
    tally = counted(before, objects, {"a", "c"}, [gone], {"c"}, began_at=NOW)

    assert tally == {"2026-09": [102, 101, 1, 0, 0], "2026-10": [1, 1, 0, 1, 1]}
    assert before == {"2026-09": [100, 100, 0, 0, 0]}


def test_what_is_quite_new_or_has_no_time_of_creation_is_in_no_month():
    young = int((NOW - timedelta(seconds=20)).timestamp())

    assert counted({}, [an_object("a", young), {"id": "b"}], (), [None], began_at=NOW) == {}


@given(st.lists(st.integers(0, 200), max_size=60), st.integers(1, 7))
def test_it_is_the_same_however_the_list_falls_into_pages(days, size):
    objects = [an_object(f"o{n}", seconds(2026, 1) + day * 86_400) for n, day in enumerate(days)]
    held = {it["id"] for it in objects[::2]}

    tally = {}
    for start in range(0, len(objects), size):
        tally = counted(tally, objects[start : start + size], held, began_at=NOW)

    assert tally == counted({}, objects, held, began_at=NOW)
    assert sum(counts[0] for counts in tally.values()) == len(objects)


@pytest.fixture
def run(db) -> ResyncRun:
    return ResyncRun.objects.create(target="invoice", kind="compare", state="running", created_at=NOW)


def kept() -> dict[date, tuple[int, int, int]]:
    return {row.month: (row.listed, row.held, row.missing_here) for row in ListedMonth.objects.all()}


def test_a_finished_slice_writes_its_whole_months_and_no_others(run):
    tally = {"2026-08": [7, 7, 0, 0, 0], "2026-09": [5, 4, 1, 0, 0]}

    keep(run, "invoice", tally, Months(date(2026, 9, 1), date(2026, 10, 1)), NOW)

    assert kept() == {date(2026, 9, 1): (5, 4, 1)}
    row = ListedMonth.objects.get()
    assert (row.type, row.run, row.verified_at) == ("invoice", run, NOW)


def test_a_later_reading_takes_the_place_of_an_earlier_one_also_where_nothing_is_left(run, django_assert_num_queries):
    keep(run, "invoice", {"2026-09": [5, 4, 1, 0, 0], "2026-10": [2, 2, 0, 0, 0]}, Months(None, None), NOW)
    keep(run, "customer", {"2026-09": [1, 1, 0, 0, 0]}, Months(None, None), NOW)

    with django_assert_num_queries(2):
        keep(run, "invoice", {"2026-10": [3, 3, 0, 0, 0]}, Months(None, None), NOW + timedelta(days=1))

    invoices = {row.month: row.listed for row in ListedMonth.objects.filter(type="invoice")}
    assert invoices == {date(2026, 9, 1): 0, date(2026, 10, 1): 3, date(2026, 11, 1): 0}
    assert ListedMonth.objects.get(type="customer", month=date(2026, 9, 1)).listed == 1


def test_an_empty_list_counts_as_read_and_so_does_an_empty_month(run):
    keep(run, "tax_rate", {}, Months(None, None), NOW)
    assert kept() == {date(2026, 11, 1): (0, 0, 0)}

    keep(run, "tax_rate", {"2026-08": [1, 1, 0, 0, 0]}, Months(None, SEPTEMBER), NOW)
    keep(run, "tax_rate", {}, Months(SEPTEMBER, None), NOW)
    assert kept().keys() == {date(2026, month, 1) for month in (8, 9, 10, 11)}


def test_what_is_no_whole_month_writes_nothing(run):
    keep(run, "invoice", {"2026-09": [5, 4, 1, 0, 0]}, None, NOW)

    assert not ListedMonth.objects.exists()
