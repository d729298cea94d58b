"""The button to the run: asked for, refused, asked for twice; and the list of runs."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finances.models import AuditEntry, ResyncFinding, ResyncRun
from tests.dashboard.pages.resync_rows import a_run
from tests.factories import a_customer, an_invoice

pytestmark = pytest.mark.django_db


def ask(client, target: str, reason: str = "", follow: bool = False, **scope):
    return client.post("/console/resyncs/", {"target": target, "reason": reason, **scope}, follow=follow)


def test_the_button_makes_a_run_leads_to_it_and_leaves_a_trace(client, admin):
    customer = a_customer()
    client.force_login(admin)

    answer = ask(client, f" {customer.pk} ", "Ticket 48213")

    run = ResyncRun.objects.get()
    assert answer.headers["Location"] == f"/console/resyncs/{run.pk}/"
    assert (run.target, run.requested_by, run.reason) == (customer.pk, admin, "Ticket 48213")
    assert AuditEntry.objects.get(action="paydesk.resync.requested").actor == admin


def test_a_range_of_creation_is_of_days_in_utc_whatever_the_viewers_zone(client, admin):
    client.force_login(admin)
    client.cookies["paydesk_zone"] = "America/New_York"

    ask(client, "invoice", since="2026-01-01", until="2026-02-01")

    run = ResyncRun.objects.get()
    assert run.target == "invoice since 2026-01-01 until 2026-02-01"
    assert run.scope["since"].startswith("2026-01-01T00:00:00")


def test_pasted_ids_make_one_run_and_one_of_them_its_own(client, admin):
    one, other = a_customer(), a_customer()
    client.force_login(admin)

    ask(client, "ids", ids=f"{one.pk}\n {other.pk}, {one.pk}")
    ask(client, "ids", ids=f" {one.pk}\n")

    assert {run.target[:4]: run.scope.get("ids") for run in ResyncRun.objects.all()} == {
        "ids:": [one.pk, other.pk],
        "cus_": None,
    }


@pytest.mark.parametrize("role", ["support", "finance"])
def test_without_the_right_nothing_happens_and_the_page_says_whom_to_ask(client, request, role):
    client.force_login(request.getfixturevalue(role))

    assert ask(client, a_customer().pk).status_code == 403

    assert not ResyncRun.objects.exists()
    page = client.get("/console/resyncs/").content.decode()
    assert "Ask an admin" in page
    assert 'name="target"' not in page


def test_asking_twice_leads_to_the_run_that_goes_on_and_says_so(client, admin):
    client.force_login(admin)
    ask(client, "customer")

    answer = ask(client, "customer", follow=True)

    assert ResyncRun.objects.count() == 1
    assert "already being resynced" in answer.content.decode()


@pytest.mark.parametrize(
    "target", ["", "nonsense", "cus_1; drop table", "pm\x00", "x" * 5000, "<script>alert(1)</script>"]
)
def test_a_target_that_is_none_is_refused_in_words_at_its_field(client, admin, target):
    client.force_login(admin)

    answer = ask(client, target, "Ticket 48213")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'class="pd-small pd-tone-negative"' in page
    assert "<script>alert" not in page
    assert 'value="Ticket 48213"' in page
    assert not ResyncRun.objects.exists()


def test_the_form_is_filled_in_by_the_address(client, admin):
    client.force_login(admin)

    page = client.get("/console/resyncs/?target=invoice&since=2026-01-01&until=2026-02-01").content.decode()

    assert '<option value="invoice" selected>Invoices</option>' in page
    assert re.findall(r'value="(2026-\d\d-\d\d)"', page) == ["2026-01-01", "2026-02-01"]


def test_an_address_with_an_id_stands_where_one_would_type_it(client, admin):
    client.force_login(admin)

    page = client.get("/console/resyncs/?target=coupon:WELCOME25").content.decode()

    assert "coupon:WELCOME25</textarea>" in page
    assert '<option value="ids" selected>' in page


def test_the_form_says_how_many_drifted(client, admin):
    run = a_run(kind="compare", state="complete", finished_at=timezone.now())
    for number in range(3):
        ResyncFinding.objects.create(
            run=run,
            kind="changed",
            object_id=f"in_{number}",
            object_type="invoice",
            found_at=timezone.now(),
            stands=True,
        )
    client.force_login(admin)

    assert "Only what drifted (3)" in client.get("/console/resyncs/").content.decode()


def test_runs_are_listed_in_words_and_comparisons_elsewhere(client, support):
    customer = a_customer(name="Ada Lovelace")
    a_run(target=customer.pk, state="complete")
    a_run(target="all", state="failed")
    a_run(target="invoice since 2025-01-01", scope={"since": "2025-01-01T00:00:00+00:00"}, state="partial")
    a_run(target="ids:0123456789abcdef", scope={"ids": ["cus_1", "cus_2"]})
    a_run(target="payout", kind="compare", state="complete")
    client.force_login(support)

    page = client.get("/console/resyncs/").content.decode()

    shown = re.findall(r'<bdi class="pd-clip" title="[^"]*">([^<]+)</bdi></a>', page)
    assert shown == ["2 objects by id", "All invoices created since 1 January 2025", "Everything", "Ada Lovelace"]


def test_queries_do_not_grow_with_runs(client, support):
    client.force_login(support)
    counted = []
    for size in (2, 20):
        for _ in range(size):
            invoice = an_invoice(a_customer())
            before = timezone.now() - timedelta(hours=1)
            a_run(state="complete", target=invoice.pk, requested_by=support, created_at=before)
        with CaptureQueriesContext(connection) as queries:
            client.get("/console/resyncs/")
        counted.append(len(queries))

    assert counted[0] == counted[1]
    assert counted[0] <= 10
