"""Lists of the admin as files: what the changelist shows, by its own filters and search, and nothing else."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from finances.exports import making
from finances.models import AuditEntry, Export
from finances.reads.exports import file_of
from tests.factories import (
    NOON,
    a_balance_transaction,
    a_coupon,
    a_payout,
    a_promotion_code,
    a_tax_rate,
    a_user,
)
from tests.spreadsheets import sheets_of

pytestmark = pytest.mark.django_db
LISTS = ("payout", "balancetransaction", "promotioncode", "taxrate")


@pytest.fixture
def desk(client, finance):
    client.force_login(finance)
    return client


def a_row_of_each(number: int = 0) -> None:
    at = NOON + timedelta(seconds=number)
    a_payout(created_at=at)
    a_balance_transaction(description="＝1+1", created_at=at)
    a_promotion_code(a_coupon(), code="=1+1", created_at=at)
    a_tax_rate(display_name="@VAT", jurisdiction="-1", created_at=at)


def right(codename: str) -> Permission:
    return Permission.objects.get(codename=codename, content_type__app_label="paydesk")


def taken(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer
    return list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode(), newline="")))


@pytest.mark.guarantee("D5")
@pytest.mark.parametrize("name", LISTS)
def test_both_forms_hold_the_rows_and_no_formula(desk, name: str) -> None:
    for number in range(3):
        a_row_of_each(number)
    page = desk.get(f"/console/paydesk/{name}/")
    assert "XLSX, for spreadsheets" in page.content.decode()
    listed = [row.pk for row in page.context["cl"].result_list]

    rows = taken(desk.get(f"/console/paydesk/{name}/?export=csv"))
    heads, *cells = sheets_of(b"".join(desk.get(f"/console/paydesk/{name}/?export=xlsx").streaming_content))[0]

    assert [row["id"] for row in rows] == listed == [line[0] for line in cells]
    assert list(rows[0]) == list(heads)
    texts = [text for row in rows for text in row.values()] + [each for line in cells for each in line]
    assert not [each for each in texts if isinstance(each, str) and each.startswith(tuple("=+-@\t\r\n＝＋－＠"))]


def test_the_changelists_own_filters_and_search_narrow_the_file(desk) -> None:
    wanted = a_payout(status="failed", failure_code="account_closed")
    a_payout(status="failed", currency="usd")
    a_payout()

    rows = taken(desk.get("/console/paydesk/payout/?status=failed&currency=eur&o=-1&export=csv"))
    found = taken(desk.get(f"/console/paydesk/payout/?q={wanted.pk}&export=csv"))

    assert [row["id"] for row in rows] == [row["id"] for row in found] == [wanted.pk]
    assert (rows[0]["amount"], rows[0]["currency"]) == ("1200.00", "EUR")
    entry = AuditEntry.objects.filter(action="paydesk.export.made").earliest("pk")
    assert entry.detail == {"what": "Payouts", "format": "csv", "rows": 1}
    assert entry.personal.body == {"conditions": "status=failed&currency=eur"}


@pytest.mark.parametrize("query", ["export=pdf", "export=csv&colour=red"])
def test_what_was_not_understood_is_not_exported(desk, query: str) -> None:
    a_payout()

    answer = desk.get(f"/console/paydesk/payout/?{query}")

    assert answer.status_code == 302
    assert not AuditEntry.objects.filter(action="paydesk.export.made").exists()


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_long_one_is_made_by_a_worker(desk, settings, name: str, format: str) -> None:
    for number in range(3):
        a_row_of_each(number)
    at_once = b"".join(desk.get(f"/console/paydesk/{name}/?q=_0&export={format}").streaming_content)
    settings.EXPORT_AT_ONCE_ROWS = 0

    answer = desk.get(f"/console/paydesk/{name}/?q=_0&export={format}", follow=True)

    assert "“_0”" in answer.content.decode()
    assert making.make_due(timezone.now) == 1
    export = Export.objects.get()
    assert (export.state, export.rows) == ("complete", 3), export.problem
    by_worker = b"".join(file_of(export.pk))
    assert (sheets_of(by_worker) == sheets_of(at_once)) if format == "xlsx" else (by_worker == at_once)
    assert desk.get(f"/console/exports/{export.pk}/").status_code == 200


def test_a_filter_stands_in_words_beside_the_file(desk, settings) -> None:
    a_payout(status="failed")
    settings.EXPORT_AT_ONCE_ROWS = 0

    page = desk.get("/console/paydesk/payout/?status=failed&export=csv", follow=True).content.decode()

    assert "status: failed" in page


@pytest.mark.guarantee("D6")
def test_it_takes_the_right_to_see_the_list_and_the_right_to_take_lists_away(client) -> None:
    person = a_user()
    client.force_login(person)
    assert client.get("/console/paydesk/payout/?export=csv").status_code == 403

    person.user_permissions.add(right("view_payout"))
    assert client.get("/console/paydesk/payout/?export=csv").status_code == 403

    person.user_permissions.add(right("export_lists"))
    assert client.get("/console/paydesk/payout/?export=csv").status_code == 200
