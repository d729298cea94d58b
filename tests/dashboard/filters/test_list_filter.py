"""What all lists share, told by the list of invoices, which has every kind of filter."""

from datetime import UTC, datetime

import pytest
from django.http import QueryDict
from django.utils import timezone

from dashboard.filters.audit import AuditFilter
from dashboard.filters.invoices import InvoicesFilter
from finances.models import AuditEntry, Invoice
from finances.reads.invoices import newest_invoices
from tests.factories import NOON, a_customer, an_invoice


def filters(query: str) -> InvoicesFilter:
    return InvoicesFilter(QueryDict(query), newest_invoices(), now=NOON)


@pytest.mark.parametrize(
    "query",
    [
        "status=foo",
        "status=%00",
        "currency=euro",
        "currency=%F0%9F%92%B6",
        "customer=%27%20OR%201=1",
        "customer=" + "c" * 300,
        "paid=2026-13",
        "paid=2026",
        "paid=0001-01",
        "paid=9999-12",
        "paid=%D9%A2%D9%A0%D9%A2%D9%A6-10",
        "created_from=yesterday",
        "created_from=0001-01-01",
        "created_to=9999-12-31",
        "created_from=2026-02-30",
        "q=%00",
        "q=" + "x" * 501,
    ],
)
def test_a_value_that_does_not_read_changes_nothing_and_is_named(db, query: str) -> None:
    invoice = an_invoice(a_customer())

    read = filters(query)
    (sentence,) = read.left_out()
    assert list(read.qs) == [invoice]
    assert read.chips() == []
    name = query.partition("=")[0]
    assert sentence.startswith(f"{read.filters[name].label}: ")
    assert sentence.endswith((" is not known here; it was left out.", " is not a date; it was left out."))
    assert len(sentence) < 130


def test_an_unknown_parameter_changes_nothing_and_is_named(db) -> None:
    read = filters("colour=red&after=abc")

    assert list(read.left_out()) == ["colour is not a filter here; it was left out."]


def test_empty_parameters_are_no_conditions_and_no_mistakes(db) -> None:
    read = filters("status=&q=&created_from=&currency=")

    assert (list(read.left_out()), read.in_force()) == ([], {})


def test_each_condition_has_a_chip_in_words_and_an_address_without_it(db) -> None:
    read = filters("q=nord&status=past_due&currency=eur&paid=2026-10&created_from=2026-01-05&after=abc")

    assert [chip.text for chip in read.chips()] == [
        "Status: Past due",
        "Currency: EUR",
        "Paid in October 2026",
        "Created from 5 Jan 2026",
    ]
    assert read.chips()[0].without == "?q=nord&currency=eur&paid=2026-10&created_from=2026-01-05"


def test_a_good_condition_stays_in_force_beside_a_bad_one(db) -> None:
    customer = a_customer()
    an_invoice(customer)
    open_one = an_invoice(customer, status="open")

    assert list(filters("status=open&paid=soon").qs) == [open_one]


def test_days_are_the_viewers_and_the_last_one_is_still_in(db) -> None:
    customer = a_customer()
    an_invoice(customer, created_at=datetime(2026, 10, 31, 22, 59, tzinfo=UTC))
    inside = [
        an_invoice(customer, created_at=datetime(2026, 10, 31, 23, tzinfo=UTC)),
        an_invoice(customer, created_at=datetime(2026, 11, 1, 22, 59, tzinfo=UTC)),
    ]
    an_invoice(customer, created_at=datetime(2026, 11, 1, 23, tzinfo=UTC))

    with timezone.override("Europe/Berlin"):
        found = list(filters("created_from=2026-11-01&created_to=2026-11-01").qs)
    assert found == inside[::-1]


def test_months_are_the_accounts_whatever_the_viewers_zone_is(db, settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    customer = a_customer()
    an_invoice(customer, paid_at=datetime(2026, 9, 30, 21, 59, tzinfo=UTC))
    inside = an_invoice(customer, paid_at=datetime(2026, 9, 30, 22, tzinfo=UTC))
    an_invoice(customer, paid_at=datetime(2026, 10, 31, 23, tzinfo=UTC))

    with timezone.override("Asia/Tokyo"):
        found = list(filters("paid=2026-10").qs)
    assert found == [inside]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize("query", ["created_from=1971-01-01", "created_to=9998-12-31", "paid=9998-12", "paid=1971-01"])
def test_the_outermost_dates_do_not_overflow_in_any_zone(db, zone: str, query: str) -> None:
    with timezone.override(zone):
        assert not list(filters(query).left_out())
        list(filters(query).qs)


def test_a_changed_condition_keeps_the_others_and_starts_at_the_first_page(db) -> None:
    read = filters("q=nord&status=open&before=abc&colour=red")

    assert read.query("status", "paid") == "?q=nord&status=paid"
    assert read.query() == "?q=nord&status=open"


def test_the_filter_takes_its_clock_from_the_page(db) -> None:
    an_invoice(a_customer(), status="open", due_at=NOON)

    later = InvoicesFilter(QueryDict("status=past_due"), Invoice.objects.all(), now=NOON.replace(hour=13))
    assert later.qs.count() == 1
    assert filters("status=past_due").qs.count() == 0


def test_metadata_is_no_word_of_lists_that_have_none(db) -> None:
    read = AuditFilter(QueryDict("q=metadata:x"), AuditEntry.objects.all(), now=NOON)

    assert list(read.left_out()) == ["metadata: is no search word here; it was left out."]


def test_what_one_request_asks_for_is_not_seen_by_another(db) -> None:
    bad, good = filters("status=foo&currency=eur"), filters("status=paid")

    assert list(bad.form.errors) == ["status"]
    assert good.form.errors == {}
    assert good.in_force() == {"status": "paid"}
    assert bad.form.fields["status"] is not good.form.fields["status"]
    assert bad.form.fields["status"].widget is not good.form.fields["status"].widget
