from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finances.metrics.aging import BUCKETS, Aged, aged, days_late, late, receivables
from finances.models import Invoice
from finances.periods import days_before
from tests.factories import a_customer, an_invoice

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


def owed(due_at: datetime | None, amount: int = 100, currency: str = "eur", **fields) -> Invoice:
    customer = a_customer()
    return an_invoice(customer, status="open", total=amount, currency=currency, due_at=due_at, **fields)


def by_bucket(as_of: datetime = NOW, zone=UTC) -> dict[str, int]:
    (one,) = receivables(as_of, zone)
    return {bucket.key: held.amount for bucket, held in zip(BUCKETS, one.buckets, strict=True) if held.invoices}


@pytest.mark.parametrize(
    ("late", "bucket", "days"),
    [
        (-DAY, "not-due", 0),
        (timedelta(), "not-due", 0),
        (MOMENT, "1-30", 1),
        (30 * DAY, "1-30", 30),
        (30 * DAY + MOMENT, "31-60", 31),
        (30.5 * DAY, "31-60", 31),
        (60 * DAY, "31-60", 60),
        (60 * DAY + MOMENT, "61-90", 61),
        (90 * DAY, "61-90", 90),
        (90 * DAY + MOMENT, "91-120", 91),
        (120 * DAY, "91-120", 120),
        (120 * DAY + MOMENT, "over-120", 121),
        (4000 * DAY, "over-120", 4000),
    ],
)
def test_an_age_rounds_up_into_its_bucket(late, bucket, days):
    invoice = owed(NOW - late)

    assert by_bucket() == {bucket: 100}
    assert list(Invoice.objects.filter(aged(bucket, NOW, UTC))) == [invoice]
    assert days_late(invoice.due_at, NOW, UTC) == days


def test_those_that_are_late_by_a_number_of_days_are_what_the_buckets_hold_of_it():
    for days in (0, 1, 60, 60.5, 61, 120, 4000):
        owed(NOW - days * DAY)
    an_invoice(a_customer(), due_at=NOW - 500 * DAY)

    def found(first: int, last: int | None = None) -> list[int]:
        return sorted(days_late(it.due_at, NOW, UTC) for it in Invoice.objects.filter(late(first, last, NOW, UTC)))

    assert found(61) == [61, 61, 120, 4000]
    assert found(0) == found(1) == [1, 60, 61, 61, 120, 4000]
    assert found(1, 60) == [1, 60]
    assert found(1, 0) == found(10**6) == []
    assert found(1, 10**6) == found(1)


def test_days_are_the_accounts_so_that_a_change_of_clocks_makes_one_longer():
    after_the_change = datetime(2026, 10, 26, 12, tzinfo=BERLIN)
    day_of_25_hours = datetime(2026, 10, 25, 12, tzinfo=BERLIN)
    invoice = owed(datetime(2026, 9, 26, 12, tzinfo=BERLIN))

    assert day_of_25_hours.astimezone(UTC) - datetime(2026, 10, 24, 12, tzinfo=BERLIN).astimezone(UTC) > DAY
    assert by_bucket(after_the_change, BERLIN) == {"1-30": 100}
    assert by_bucket(after_the_change, UTC) == {"31-60": 100}
    assert days_late(invoice.due_at, after_the_change, BERLIN) == 30
    assert days_late(invoice.due_at, after_the_change, UTC) == 31


def test_the_hour_that_comes_twice_is_still_ordered():
    second = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN)

    assert days_before(second, 0, BERLIN) == second
    assert days_late(second.replace(fold=0), second.astimezone(UTC), BERLIN) == 1
    assert days_late(second, second.astimezone(UTC), BERLIN) == 0


def test_without_a_due_date_the_days_count_from_when_it_was_finalised_and_it_is_said_how_many():
    owed(None, 100, finalized_at=NOW - 40 * DAY, created_at=NOW - 70 * DAY)
    owed(None, 10, finalized_at=None, created_at=NOW - 70 * DAY)
    owed(NOW - 100 * DAY, 1, finalized_at=NOW)

    assert by_bucket() == {"31-60": 100, "61-90": 10, "91-120": 1}
    assert receivables(NOW, UTC)[0].undated == 2


def test_what_remains_counts_and_only_of_open_invoices():
    owed(NOW - DAY, 1000, amount_remaining=400, amount_paid=600)
    for status in ("draft", "paid", "void"):
        an_invoice(a_customer(), status=status, due_at=NOW - DAY, amount_remaining=7)
    owed(NOW - DAY, 5, deleted_at=NOW)

    (one,) = receivables(NOW, UTC)
    assert (one.total, one.overdue) == (Aged(400, 1), Aged(400, 1))


def test_uncollectible_ones_stand_apart():
    owed(NOW - DAY, 1000)
    an_invoice(a_customer(), status="uncollectible", total=300, due_at=NOW - 500 * DAY)
    an_invoice(a_customer(), status="uncollectible", total=7, currency="jpy")

    eur, jpy = receivables(NOW, UTC)
    assert (eur.total, eur.uncollectible) == (Aged(1000, 1), Aged(300, 1))
    assert (jpy.currency, jpy.total, jpy.uncollectible) == ("jpy", Aged(), Aged(7, 1))


def test_all_currencies_take_one_query(django_assert_num_queries):
    for currency in ("eur", "usd", "jpy"):
        owed(NOW - DAY, currency=currency)

    with django_assert_num_queries(1):
        assert [one.currency for one in receivables(NOW, UTC)] == ["eur", "jpy", "usd"]


days = st.integers(-10, 200).map(lambda each: each * DAY)
moments = st.sampled_from([timedelta(), MOMENT, -MOMENT, timedelta(hours=1), timedelta(hours=-1), timedelta(hours=12)])
invoices = st.lists(
    st.tuples(
        st.tuples(days, moments).map(lambda parts: parts[0] + parts[1]),
        st.integers(0, 10**12),
        st.sampled_from(["eur", "jpy", "kwd"]),
        st.sampled_from(["open", "open", "open", "uncollectible", "paid", "void", "draft"]),
        st.booleans(),
    ),
    max_size=12,
)


@given(
    rows=invoices,
    as_of=st.sampled_from(
        [
            NOW,
            datetime(2026, 3, 29, 2, 30, tzinfo=BERLIN),
            datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN),
            datetime(2026, 11, 8, 12, tzinfo=BERLIN),
        ]
    ),
    zone=st.sampled_from([UTC, BERLIN, ZoneInfo("America/St_Johns"), ZoneInfo("Pacific/Apia")]),
)
def test_each_open_invoice_is_in_exactly_one_bucket_and_the_sums_are_the_direct_ones(db, rows, as_of, zone):
    Invoice.objects.all().delete()
    customer = a_customer()
    for age, amount, currency, status, dated in rows:
        at = (as_of - age).astimezone(UTC)
        times = {"due_at": at} if dated else {"due_at": None, "finalized_at": at}
        an_invoice(customer, status=status, total=amount, amount_remaining=amount, currency=currency, **times)

    found = {one.currency: one for one in receivables(as_of, zone)}

    for currency in ("eur", "jpy", "kwd"):
        direct = list(Invoice.objects.filter(currency=currency, status="open"))
        one = found.get(currency)
        assert (one.total if one else Aged()) == Aged(sum(each.amount_remaining for each in direct), len(direct))
        for number, bucket in enumerate(BUCKETS):
            listed = list(Invoice.objects.filter(aged(bucket.key, as_of, zone), currency=currency))
            held = Aged(sum(each.amount_remaining for each in listed), len(listed))
            assert (one.buckets[number] if one else Aged()) == held
            for each in listed:
                days = days_late(each.due_since, as_of, zone)
                assert (bucket.first or 0) <= days <= (bucket.last if bucket.last is not None else 10**6)
    listed_once = [each for bucket in BUCKETS for each in Invoice.objects.filter(aged(bucket.key, as_of, zone))]
    assert sorted(each.pk for each in listed_once) == sorted(
        Invoice.objects.filter(status="open").values_list("pk", flat=True)
    )
