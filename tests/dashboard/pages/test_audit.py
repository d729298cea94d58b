import csv
import re
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.trail.actions import ACTIONS
from finances import audit
from finances.audit import sealing
from finances.models import AuditEntry, AuditPersonal, ResyncRun
from tests.factories import NOON, a_customer, a_user

pytestmark = pytest.mark.django_db
ADDRESS = "/console/audit/"


@pytest.fixture
def desk(client, admin):
    client.force_login(admin)
    return client


def an_entry(action="paydesk.resync.requested", **given) -> AuditEntry:
    return audit.record(action, **{"at": NOON, "actor": None} | given)


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def rows(response) -> list[AuditEntry]:
    return response.context["page"].rows


def exported(response) -> list[dict[str, str]]:
    body = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(StringIO(body, newline="")))


def test_a_row_says_who_what_about_whom_why_and_links_to_the_run(desk, admin):
    customer = a_customer(name="Nordlicht")
    run = ResyncRun.objects.create(target=customer.pk, created_at=NOON)
    an_entry(actor=admin, target=customer.pk, detail={"run": str(run.pk)}, personal={"reason": "Ticket 48213"})

    page = text(desk.get(ADDRESS + "?kind=resync"))
    for words in (
        admin.username, "Asked for a resync", f'href="/console/customers/{customer.pk}/"', "Nordlicht", "Ticket 48213",
        f'href="/console/resyncs/{run.pk}/"', "not sealed yet",
    ):  # fmt: skip
        assert words in page, words


def test_what_ended_says_with_which_result(desk):
    an_entry(
        "paydesk.resync.partial", target="all", detail={"done": 1200, "changed": 3, "new": 5, "gone": 2, "failed": 1}
    )

    page = text(desk.get(ADDRESS + "?kind=resync"))
    assert "A resync ended partial" in page
    assert "1,200 read, 3 differed, 5 new, 2 gone, 1 failed" in page


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("all", "Everything"),
        ("drifted", "What drifted"),
        ("sample", "A sample"),
        ("invoice", "All invoices"),
        ("invoice since 2025-01-01 until 2025-02-01", "All invoices created in January 2025"),
        (
            "all since 2025-01-01T09:30:00Z until 2025-02-01",
            "Everything created since 1 January 2025, 09:30 UTC and before 1 February 2025",
        ),
    ],
)
def test_what_a_run_was_about_is_said_in_words_and_its_code_stays_in_the_file(desk, target, words):
    an_entry("paydesk.comparison.requested", target=target)

    page = text(desk.get(ADDRESS + "?kind=resync"))
    assert f"<bdi>{words}</bdi>" in page
    assert f">{target}<" not in page
    row = exported(desk.get(ADDRESS + "?kind=resync&export=csv"))[0]
    assert (row["about"], row["about_name"]) == (target, words)


def test_some_objects_by_their_ids_are_named_from_the_request_to_the_end(desk):
    ids = ["cus_1", "in_2", "sub_3", "coupon:SPRING"]
    for size, words in ((2, "2 ids: cus_1, in_2"), (4, "4 ids: cus_1, in_2, sub_3 and 1 more")):
        target, scope = f"ids:{size}f00", {"ids": ids[:size]}
        run = ResyncRun.objects.create(target=target, scope=scope, created_at=NOON)
        an_entry(target=target, detail={"run": str(run.pk)} | scope)
        an_entry("paydesk.resync.complete", target=target, detail={"run": str(run.pk), "done": size})

        page = text(desk.get(ADDRESS + "?kind=resync"))

        assert page.count(f"<bdi>{words}</bdi>") == 2
        assert target not in page


def test_the_ids_of_a_run_that_is_gone_are_those_of_the_entry_or_none(desk):
    an_entry(target="ids:2f00", detail={"run": "x", "ids": ["cus_1", "in_2"]})
    an_entry("paydesk.resync.complete", target="ids:0f00", detail={"run": str(uuid4())})

    page = text(desk.get(ADDRESS + "?kind=resync"))

    assert "<bdi>2 ids: cus_1, in_2</bdi>" in page
    assert "<bdi>Some objects, by their ids</bdi>" in page


def test_an_object_that_has_the_name_of_a_scope_is_none(desk):
    an_entry(target="coupon:all since then")
    an_entry("paydesk.replay.requested", target="invoice")

    page = text(desk.get(ADDRESS))

    assert "coupon:all since then" in page
    assert "All invoices" not in page


def test_what_only_the_console_has_is_named_as_it_was_called_then(desk, admin):
    an_entry("paydesk.saved_view.removed", target="view:5", detail={"where": "invoices"}, personal={"view": "Late"})
    an_entry("paydesk.role.right_given", target="role:Finance", detail={"rights": ["view_payload"]})
    an_entry("paydesk.user.made", target=f"user:{admin.pk}")
    an_entry("paydesk.user.made", target="user:999999", personal={"person": "gone@paydesk.test"})

    page = text(desk.get(ADDRESS))

    for words in ("The view “Late”", "The role Finance", admin.username, "gone@paydesk.test"):
        assert f"<bdi>{words}</bdi>" in page
    assert not re.search(r">(view|role|user):[^<]*<", page)
    codes = {row["about"]: row["about_name"] for row in exported(desk.get(ADDRESS + "?export=csv"))}
    assert codes["view:5"] == "The view “Late”"


def test_of_what_was_erased_the_number_is_left(desk):
    for action, target in (("saved_view.removed", "view:5"), ("user.made", "user:999999")):
        entry = an_entry(f"paydesk.{action}", target=target, personal={"view": "Nadia", "person": "nadia"})
        AuditPersonal.objects.filter(entry=entry).delete()

    page = text(desk.get(ADDRESS))

    assert "<bdi>View 5</bdi>" in page
    assert "<bdi>Account 999999</bdi>" in page


def test_erased_words_are_said_to_be_so(desk):
    entry = an_entry(personal={"reason": "Ticket 48213"})
    AuditPersonal.objects.filter(entry=entry).delete()

    page = text(desk.get(ADDRESS + "?kind=resync"))
    assert ">erased</span>" in page
    assert "48213" not in page


def test_person_kind_action_target_and_time_narrow_it(desk):
    other = a_user("Support")
    mine = an_entry("paydesk.customer.viewed", actor=other, target="cus_1", at=NOON - timedelta(days=9))
    an_entry("paydesk.search.made", target="cus_2")

    for query in (
        "kind=view", "action=paydesk.customer.viewed", "target=cus_1", "at_to=2026-11-12&target=cus_1", "q=cus_1",
        f"person={other.username}&kind=view", f"q={other.username}&kind=view",
    ):  # fmt: skip
        assert rows(desk.get(f"{ADDRESS}?{query}")) == [mine], query
    assert rows(desk.get(f"{ADDRESS}?target=cus_1&at_from=2026-11-12")) == []


def test_the_newest_seal_what_waits_and_the_last_verification_are_on_it(desk):
    assert "Nothing is sealed yet." in text(desk.get(ADDRESS))
    sealing.seal_due(timezone.now)
    entry = an_entry("paydesk.audit.broken", at=timezone.now())

    page = text(desk.get(ADDRESS))
    newest = sealing.newest_seal()
    assert newest.digest in page
    assert "1 waits for a seal" in page
    assert "The newest verification found the trail broken." in page
    assert "in seal 1" in page

    an_entry("paydesk.audit.verified", at=entry.at + timedelta(seconds=1))
    assert "found the trail broken" not in text(desk.get(ADDRESS))


@pytest.mark.guarantee("D11")
def test_the_export_is_all_that_matches_and_is_recorded_itself(desk, admin):
    for each in range(60):
        an_entry("paydesk.customer.viewed", target=f"cus_{each}", at=NOON + timedelta(seconds=each))
    an_entry("paydesk.search.made", personal={"words": "Ada"})

    answer = desk.get(ADDRESS + "?kind=view&export=csv")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="paydesk-audit-trail-[0-9-]{10}\.csv"', answer["Content-Disposition"])
    found = exported(answer)
    assert [row["about"] for row in found] == [f"cus_{each}" for each in reversed(range(60))]
    assert found[0]["at"] == "2026-11-20T12:00:59+00:00"
    own = AuditEntry.objects.get(action="paydesk.export.made")
    assert (own.actor, own.detail) == (admin, {"what": "Audit trail", "format": "csv", "rows": 60})
    assert own.personal.body == {"conditions": "kind=view"}


def test_no_cell_of_an_export_is_a_formula(desk):
    an_entry(target="=1+1", detail={"reason": "x"}, personal={"reason": '=HYPERLINK("https://evil.example")'})

    row = exported(desk.get(ADDRESS + "?kind=resync&export=csv"))[0]
    assert row["about"] == "'=1+1"
    assert not [cell for cell in row.values() if cell[:1] in tuple("=+-@\t\r\n＝＋－＠") and cell[:1]]


@pytest.mark.parametrize("query", ["export=pdf", "export=csv&at_from=soon", "export=csv&colour=red"])
def test_an_export_that_was_not_understood_is_none(desk, query):
    answer = desk.get(f"{ADDRESS}?{query}", follow=True)

    assert "Nothing was exported:" in text(answer)
    assert not AuditEntry.objects.filter(action="paydesk.export.made").exists()


@pytest.mark.parametrize("role", ["Support", "Finance"])
def test_nobody_else_sees_or_exports_it(client, role):
    client.force_login(a_user(role))

    assert client.get(ADDRESS).status_code == 403
    assert client.get(ADDRESS + "?export=csv").status_code == 403


def test_each_action_that_the_code_records_has_words():
    sources = "".join(
        path.read_text() for room in ("finances", "dashboard") for path in (settings.BASE_DIR / room).rglob("*.py")
    )
    recorded = set(re.findall(r"\"(paydesk\.[a-z_]+\.[a-z_]+)\"", sources))

    assert recorded <= set(ACTIONS), recorded - set(ACTIONS)
    assert "paydesk.replay.requested" in recorded


def test_the_number_of_queries_does_not_grow(desk):
    desk.get(ADDRESS)

    def queries_with(count: int) -> int:
        for each in range(count):
            customer = a_customer()
            an_entry("paydesk.customer.viewed", actor=a_user(), target=customer.pk, personal={"reason": str(each)})
            run = ResyncRun.objects.create(target=f"ids:{count}-{each}", scope={"ids": ["cus_1"]}, created_at=NOON)
            an_entry("paydesk.resync.cancelled", target=run.target, detail={"run": str(run.pk)})
        sealing.seal_due(timezone.now)
        with CaptureQueriesContext(connection) as queries:
            text(desk.get(ADDRESS))
        return len(queries)

    assert queries_with(2) == queries_with(30) == QUERIES


QUERIES = (
    # session, user, 2 of rights, lag, banners, quarantine, the page, customers, ids, the newest seal, 6 of its state
    17
)
