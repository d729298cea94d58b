"""`export=csv` and `export=xlsx` on every list: the whole filtered set, and nothing but it."""

import csv
import re
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.pages.exported_lists import LISTS
from dashboard.pages.list_page import ListPage
from finances import audit
from finances.exports import making
from finances.models import AuditEntry, Export
from finances.reads.exports import file_of
from tests.factories import (
    NOON,
    a_charge,
    a_coupon,
    a_credit_note,
    a_customer,
    a_delivery,
    a_dispute,
    a_payment,
    a_product,
    a_refund,
    a_subscription,
    a_user,
    an_invoice,
    an_item,
)
from tests.spreadsheets import sheets_of

pytestmark = pytest.mark.django_db
HOSTILE = '=HYPERLINK("https://evil.example";"Ada")'


@pytest.fixture
def desk(client, admin):
    client.force_login(admin)
    return client


def a_row_of_each(number: int = 1) -> None:
    at = NOON + timedelta(seconds=number)
    customer = a_customer(name=HOSTILE, email="+49@example.test", created_at=at)
    invoice = an_invoice(customer, number="@1", created_at=at)
    an_item(a_subscription(customer, created_at=at), a_product(name="-1", created_at=at))
    charge = a_charge(a_payment(customer, invoice, description="＝1", created_at=at))
    a_refund(charge, created_at=at)
    a_dispute(charge, created_at=at)
    a_credit_note(invoice, memo="\tmemo", created_at=at)
    a_coupon(name="＋1", created_at=at)
    a_delivery(reason="=1", object_id=customer.pk, received_at=at)
    audit.record("paydesk.search.made", at=at, actor=None, personal={"words": "=1"})


def right(codename: str) -> Permission:
    return Permission.objects.get(codename=codename, content_type__app_label="paydesk")


def taken(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer
    body = b"".join(answer.streaming_content).decode()
    return list(csv.DictReader(StringIO(body, newline="")))


def address_of(name: str) -> str:
    return {"credit_notes": "/console/credit-notes/", "coupons": "/console/discounts/"}.get(name, f"/console/{name}/")


def test_every_list_can_be_taken_away():
    def lists(of: type) -> list[type]:
        return [each for sub in of.__subclasses__() for each in (sub, *lists(sub))]

    assert set(LISTS.values()) == set(lists(ListPage))


@pytest.mark.guarantee("D5")
@pytest.mark.parametrize("name", LISTS)
def test_both_forms_hold_the_lists_rows_and_no_formula(desk, name):
    for number in range(3):
        a_row_of_each(number)
    listed = [str(row.pk) for row in desk.get(address_of(name)).context["page"].rows]

    rows = taken(desk.get(address_of(name) + "?export=csv"))
    answer = desk.get(address_of(name) + "?export=xlsx")
    (heads, *cells) = sheets_of(b"".join(answer.streaming_content))[0]

    key = LISTS[name].sheet.heads[0]
    assert heads == list(LISTS[name].sheet.heads)
    found = list(dict.fromkeys(row[key] for row in rows))
    if name == "audit":  # the exports themselves are in it by then
        assert set(listed) <= set(found)
    else:
        assert sorted(found) == sorted(listed)
        assert [str(line[0]) for line in cells] == [row[key] for row in rows]
    texts = [text for row in rows for text in row.values()] + [each for line in cells for each in line]
    assert not [each for each in texts if isinstance(each, str) and each.startswith(tuple("=+-@\t\r\n＝＋－＠"))]


def test_the_file_is_all_that_matches_however_many_pages(desk):
    customer = a_customer()
    for number in range(120):
        an_invoice(customer, created_at=NOON + timedelta(seconds=number), status="open")
    an_invoice(customer, status="paid")

    answer = desk.get("/console/invoices/?status=open&after=ignored&export=csv")

    assert re.fullmatch(r'attachment; filename="paydesk-invoices-[0-9-]{10}\.csv"', answer["Content-Disposition"])
    assert "no-store" in answer["Cache-Control"]
    rows = taken(answer)
    assert len({row["id"] for row in rows}) == len(rows) == 120
    entry = AuditEntry.objects.get(action="paydesk.export.made")
    assert entry.detail == {"what": "Invoices", "format": "csv", "rows": 120}
    assert entry.personal.body == {"conditions": "status=open"}


def test_amounts_are_in_major_units_with_the_currencys_decimals_and_the_currency_beside(desk):
    customer = a_customer()
    for currency, total in (("eur", 152796), ("jpy", 5000), ("kwd", 189750)):
        an_invoice(customer, currency=currency, total=total)

    answer = desk.get("/console/invoices/?export=csv")
    body = b"".join(answer.streaming_content).decode()
    cells = sheets_of(b"".join(desk.get("/console/invoices/?export=xlsx").streaming_content))[0]

    for line in ('"EUR",1527.96,', '"JPY",5000,', '"KWD",189.750,'):
        assert line in body
    column = cells[0].index("total")
    assert {line[column - 1]: line[column] for line in cells[1:]} == {
        "EUR": Decimal("1527.96"), "JPY": Decimal(5000), "KWD": Decimal("189.75"),
    }  # fmt: skip


def test_a_customer_has_a_line_for_each_currency(desk):
    customer = a_customer(currency="eur", balance=-500)
    an_invoice(customer, total=1000, status="open")
    an_invoice(customer, total=70, currency="jpy")
    a_subscription(customer, mrr=Decimal("2900.4"))

    eur, jpy = taken(desk.get("/console/customers/?export=csv"))

    assert [eur[name] for name in ("currency", "mrr", "open", "paid", "balance")] == [
        "EUR",
        "29.00",
        "10.00",
        "",
        "-5.00",
    ]
    assert [jpy[name] for name in ("currency", "mrr", "open", "paid", "balance")] == ["JPY", "", "", "70", ""]


def test_an_open_invoice_says_how_late_it_is(desk):
    now = timezone.now()
    an_invoice(a_customer(), status="open", due_at=now - timedelta(days=30.5))
    an_invoice(a_customer(), status="paid", due_at=now - timedelta(days=30.5))

    rows = taken(desk.get("/console/invoices/?export=csv"))

    assert sorted((row["status"], row["days_late"]) for row in rows) == [("paid", ""), ("past_due", "31")]


@pytest.mark.parametrize("query", ["export=pdf", "export=csv&status=foo", "export=csv&colour=red", "export=xlsx&age=9"])
def test_what_was_not_understood_is_not_exported(desk, query):
    answer = desk.get(f"/console/invoices/?{query}", follow=True)

    assert "Nothing was exported:" in answer.content.decode()
    assert not AuditEntry.objects.filter(action__startswith="paydesk.export").exists()
    assert not Export.objects.exists()


def test_words_that_mean_too_many_customers_are_not_half_exported(desk, monkeypatch):
    monkeypatch.setattr("finances.reads.webhooks.MOST_CUSTOMERS", 1)
    for _ in range(2):
        a_delivery(customer_id=a_customer(name="Ada").pk)

    answer = desk.get("/console/webhooks/?q=ada&export=csv", follow=True)

    assert "and the others would be left out." in answer.content.decode()


@pytest.mark.guarantee("D6")
def test_who_may_not_see_a_list_nor_take_lists_away_gets_no_file(client):
    person = a_user()
    client.force_login(person)
    person.user_permissions.add(right("view_invoice"))
    assert client.get("/console/invoices/").status_code == 200
    assert "Export" not in client.get("/console/invoices/").content.decode()
    assert client.get("/console/invoices/?export=csv").status_code == 403

    person.user_permissions.add(right("export_lists"))
    assert client.get("/console/invoices/?export=csv").status_code == 200
    assert client.get("/console/customers/?export=csv").status_code == 403


def test_a_long_list_is_made_by_a_worker_exactly_as_the_page_has_it(desk, admin, settings):
    settings.EXPORT_AT_ONCE_ROWS = 2
    customer = a_customer()
    night = datetime(2026, 11, 20, 0, 30, tzinfo=ZoneInfo("Europe/Berlin"))  # the day before in UTC
    inside = [an_invoice(customer, created_at=night + timedelta(minutes=number)) for number in range(3)]
    an_invoice(customer, created_at=night - timedelta(hours=1))
    desk.cookies["paydesk_zone"] = "Europe/Berlin"

    answer = desk.get("/console/invoices/?created_from=2026-11-20&status=paid&export=csv", follow=True)

    assert "More than 2 rows match, so a worker makes the file." in answer.content.decode()
    export = Export.objects.get()
    assert (export.list, export.zone, export.state, export.requested_by) == (
        "invoices", "Europe/Berlin", "queued", admin,
    )  # fmt: skip
    assert making.make_due(timezone.now) == 1
    export.refresh_from_db()
    assert (export.state, export.total, export.rows) == ("complete", 3, 3)
    rows = list(csv.DictReader(StringIO(b"".join(file_of(export.pk)).decode(), newline="")))
    assert {row["id"] for row in rows} == {each.pk for each in inside}
    assert {row["created_at"][:10] for row in rows} == {"2026-11-20"}, "a day of the zone that was asked in"


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("name", LISTS)
def test_a_worker_writes_what_the_answer_would_have_held(desk, settings, name, format):
    for number in range(3):
        a_row_of_each(number)
    query = f"?export={format}&at_to=2026-11-25" if name == "audit" else f"?export={format}"
    at_once = b"".join(desk.get(address_of(name) + query).streaming_content)
    settings.EXPORT_AT_ONCE_ROWS = 0

    desk.get(address_of(name) + query)
    making.make_due(timezone.now)

    export = Export.objects.get()
    assert export.state == "complete", export.problem
    by_worker = b"".join(file_of(export.pk))
    assert (sheets_of(by_worker) == sheets_of(at_once)) if format == "xlsx" else (by_worker == at_once)


def test_who_lost_the_right_meanwhile_gets_no_file(desk, admin, settings):
    settings.EXPORT_AT_ONCE_ROWS = 0
    an_invoice(a_customer())
    desk.get("/console/invoices/?export=csv")
    admin.groups.clear()

    making.make_due(timezone.now)

    export = Export.objects.get()
    assert (export.state, export.problem) == (
        "failed", "You no longer have the right to see this list, or to export it.",
    )  # fmt: skip


def test_asking_twice_makes_one(desk, settings):
    settings.EXPORT_AT_ONCE_ROWS = 0
    an_invoice(a_customer())
    desk.get("/console/invoices/?status=paid&export=csv")

    answer = desk.get("/console/invoices/?export=csv&status=paid", follow=True)

    assert "This is being made already." in answer.content.decode()
    assert Export.objects.count() == 1


def test_the_number_of_queries_grows_with_batches_not_with_rows(desk, monkeypatch):
    def queries_with(rows: int) -> int:
        customers = [a_customer() for _ in range(rows)]
        for customer in customers:
            an_invoice(customer)
        with CaptureQueriesContext(connection) as queries:
            taken(desk.get("/console/invoices/?export=csv"))
        return len(queries)

    assert queries_with(2) == queries_with(30)
