"""One's own exports: how far they are, the file, and taking it away again."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finances.exports import making
from finances.models import AuditEntry, Export, ExportPiece, WorkerHeartbeat
from tests.factories import a_customer, a_user, an_invoice

pytestmark = pytest.mark.django_db
ADDRESS = "/console/exports/"


@pytest.fixture
def desk(client, finance):
    client.force_login(finance)
    return client


@pytest.fixture(autouse=True)
def _made_by_a_worker(settings):
    settings.EXPORT_AT_ONCE_ROWS = 0


@pytest.fixture
def made(desk) -> Export:
    an_invoice(a_customer(), number="NV-1")
    desk.get("/console/invoices/?status=paid&currency=eur&export=csv")
    making.make_due(timezone.now)
    return Export.objects.get()


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_one_that_waits_says_so_and_that_nobody_works(desk):
    an_invoice(a_customer(name="Nordlicht"))
    desk.get("/console/invoices/?status=paid&q=nordlicht&export=xlsx")

    page = text(desk.get(ADDRESS))
    for words in ("Invoices, XLSX", "Status: Paid", "“nordlicht”", "Queued", "No worker is alive.", "Stop"):
        assert words in page, words
    assert 'hx-trigger="every 2s"' in page
    WorkerHeartbeat.objects.create(worker="a", started_at=timezone.now(), seen_at=timezone.now())
    assert "No worker is alive." not in text(desk.get(ADDRESS))


def test_one_under_way_says_how_far_it_is(desk, finance):
    now = timezone.now()
    Export.objects.create(
        requested_by=finance, list="invoices", format="csv", zone="UTC", state="running", total=12900, rows=8214,
        asked_at=now, lease_until=now,
    )  # fmt: skip

    page = text(desk.get(ADDRESS))
    assert "8,214 of 12,900" in page
    assert '<progress max="12900" value="8214"' in page


def test_the_part_that_asks_for_itself_is_only_the_table(desk, made):
    answer = desk.get(ADDRESS, headers={"HX-Request": "true", "HX-Target": "exports"})

    assert "Download" in text(answer)
    assert "<h1>" not in text(answer)


def test_the_file_is_there_for_the_one_who_asked(desk, made, finance):
    page = text(desk.get(ADDRESS))
    assert f'href="/console/exports/{made.pk}/"' in page
    assert 'hx-trigger="every 2s"' not in page

    answer = desk.get(f"/console/exports/{made.pk}/")

    body = b"".join(answer.streaming_content)
    assert b'"NV-1"' in body
    assert int(answer["Content-Length"]) == len(body) == made.size
    assert answer["Content-Disposition"].startswith('attachment; filename="paydesk-invoices-')
    assert "no-store" in answer["Cache-Control"]
    entry = AuditEntry.objects.get(action="paydesk.export.downloaded")
    assert (entry.actor, entry.detail["export"], entry.detail["rows"]) == (finance, str(made.pk), 1)


@pytest.mark.guarantee("D6")
@pytest.mark.parametrize("role", ["Support", "Finance", "Admin"])
def test_for_everybody_else_it_is_not_there(client, made, role):
    client.force_login(a_user(role))

    assert "Invoices, CSV" not in text(client.get(ADDRESS))
    assert client.get(f"/console/exports/{made.pk}/").status_code == 404
    assert client.post(f"/console/exports/{made.pk}/").status_code == 404
    assert Export.objects.exists()


@pytest.mark.guarantee("D6")
def test_who_lost_the_right_to_the_list_has_lost_the_file(desk, made, finance):
    from django.contrib.auth.models import Group, Permission

    few = Group.objects.create(name="Files only")
    few.permissions.add(Permission.objects.get(codename="export_lists"))
    finance.groups.set([few])

    assert desk.get(f"/console/exports/{made.pk}/").status_code == 403
    assert not AuditEntry.objects.filter(action="paydesk.export.downloaded").exists()


def test_one_that_is_over_is_not_handed_out_before_it_is_swept_away(desk, made):
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    answer = desk.get(f"/console/exports/{made.pk}/", follow=True)

    assert "There is no such file" in text(answer)
    assert "Export again" in text(answer)
    assert "/console/invoices/?status=paid&amp;currency=eur&amp;export=csv" in text(answer)


def test_it_can_be_taken_away(desk, made, finance):
    answer = desk.post(f"/console/exports/{made.pk}/", follow=True)

    assert "Removed: the file is gone." in text(answer)
    assert not ExportPiece.objects.exists()
    assert AuditEntry.objects.get(action="paydesk.export.removed").actor == finance


def test_one_that_failed_says_why(desk, made):
    Export.objects.update(state="failed", problem="It was begun 4 times.")

    page = text(desk.get(ADDRESS))
    assert "It was begun 4 times." in page
    assert "Export again" in page


def test_one_that_never_was_is_not_there(desk):
    assert desk.get(f"/console/exports/{uuid.uuid4()}/").status_code == 404
    assert desk.get("/console/exports/nonsense/").status_code == 404


def test_without_any_it_says_how_one_gets_one(desk):
    assert "You have no exports" in text(desk.get(ADDRESS))


def test_hostile_conditions_are_shown_as_text(desk, finance):
    Export.objects.create(
        requested_by=finance, list="invoices", format="csv", zone="UTC", conditions="currency=%3Cb%3E&q=%3Cscript%3E",
        asked_at=timezone.now(),
    )  # fmt: skip

    assert "<script>" not in text(desk.get(ADDRESS)).split('id="exports"')[1]


def test_the_number_of_queries_does_not_grow(desk, finance):
    desk.get(ADDRESS)

    def queries_with(count: int) -> int:
        for each in range(count):
            Export.objects.create(
                requested_by=finance, list="webhooks", format="csv", zone="UTC", key=each, asked_at=timezone.now(),
                conditions="state=quarantined", state="complete",
            )  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            text(desk.get(ADDRESS))
        return len(queries)

    assert queries_with(1) == queries_with(15) == QUERIES


QUERIES = 8  # session, user, 2 of rights, the shell’s 3, the exports
