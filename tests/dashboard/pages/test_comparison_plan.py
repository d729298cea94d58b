"""The plan before a comparison of a scope: what it reads and costs and why it is made. A single object needs none."""

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.models import AuditEntry, ResyncRun
from tests.dashboard.pages.resync_rows import a_run
from tests.dashboard.pages.test_resync_plan import held, problems, text_of
from tests.factories import a_customer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _signed_in(client, admin):
    client.force_login(admin)


def plan(client, query: str = "", **posted: str) -> str:
    address = "/console/reconcile/plan/"
    answer = client.post(address, posted) if posted else client.get(f"{address}{query}")
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def form_of(page: str, label: str) -> str:
    start = page.index(f'aria-label="{label}"')
    return page[page.rindex("<form", 0, start) : page.index("</form>", start)]


def given_in(form: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(target|since|until|ids)" value="([^"]*)"', form))


def test_it_says_how_much_it_is_what_it_costs_and_that_nothing_is_written(client, settings):
    settings.CALLS_A_SECOND, settings.CALLS_A_SECOND_OF_ONE_ENDPOINT = 40, 20
    held("invoice", 250)

    page = text_of(plan(client, "?target=invoice"))

    assert "Comparison of all invoices" in page
    assert "Objects 250 about, by what is here" in page
    assert "Calls to Stripe 3 about, and all of them only read" in page
    assert "Nothing is written, here or in Stripe." in page
    assert "Compare about 250 invoices with Stripe" in page
    assert not ResyncRun.objects.exists()


def test_the_form_of_the_page_reconcile_leads_to_it_and_it_to_the_comparison(client, admin):
    first = form_of(client.get("/console/reconcile/").content.decode(), "New comparison")
    assert 'action="/console/reconcile/plan/"' in first

    page = plan(client, target="invoice", since="2026-01-01", until="2026-02-01", reason="Month’s end")
    form = form_of(page, "Start")
    assert 'action="/console/reconcile/"' in form
    reason = re.search(r'name="reason"[^>]* value="([^"]*)"', form)[1]
    answer = client.post("/console/reconcile/", given_in(form) | {"reason": reason})

    run = ResyncRun.objects.get()
    assert answer.headers["Location"] == f"/console/reconcile/{run.pk}/"
    assert (run.kind, run.target) == ("compare", "invoice since 2026-01-01 until 2026-02-01")
    entry = AuditEntry.objects.get(action="paydesk.comparison.requested")
    assert (entry.actor, entry.personal.body["reason"]) == (admin, "Month’s end")


def test_a_sample_is_planned_by_its_pages_and_not_by_all_that_is_here(client):
    held("invoice", 250)

    page = text_of(plan(client, "?target=sample"))

    assert "Comparison of a sample" in page
    assert "single pages of a list, chosen anew at the start – 1" in page
    assert "250" not in page


def test_what_is_compared_already_is_said_and_not_offered_again(client):
    standing = a_run(kind="compare", target="invoice", state="running")

    page = plan(client, "?target=invoice")

    assert "This is being compared already." in page
    assert f"/console/resyncs/{standing.pk}/" in page
    assert 'aria-label="Start"' not in page


def test_a_resync_of_the_same_keeps_nobody_from_comparing(client):
    a_run(target="invoice", state="running")

    page = plan(client, "?target=invoice")

    assert "already" not in page
    assert 'aria-label="Start"' in page


def test_what_is_wrong_stands_at_its_field_wherever_it_was_sent(client):
    for address in ("/console/reconcile/plan/", "/console/reconcile/"):
        answer = client.post(address, {"target": "ids", "ids": "cus_1 nonsense", "reason": "Ticket 7"})

        page = html.unescape(answer.content.decode())
        assert problems(page) == ["Not a Stripe id that Paydesk knows: nonsense."]
        assert "Ticket 7" in page
    assert not ResyncRun.objects.exists()


@pytest.mark.parametrize(
    ("scope", "at_once"),
    [({"target": "customer"}, False), ({"target": "ids", "ids": "cus_1 in_2"}, False), (None, True)],
)
def test_a_scope_is_compared_again_by_its_plan_and_a_single_object_at_once(client, scope, at_once):
    client.post("/console/reconcile/", scope or {"target": a_customer().pk})
    run = ResyncRun.objects.get()
    ResyncRun.objects.update(state="complete")

    page = html.unescape(client.get(f"/console/reconcile/{run.pk}/").content.decode())

    again = re.search(r'<form [^>]* action="([^"]*)"[^>]*>(?:<input[^>]*>)*<button[^>]*>[^C]*Compare again', page)
    assert again[1] == ("/console/reconcile/" if at_once else "/console/reconcile/plan/")
    if not at_once:
        assert "This is the plan. Nothing has begun." in plan(client, **given_in(again[0]))


def test_an_object_that_was_compared_alone_is_compared_alone_again(client):
    customer = a_customer(name="Ada Lovelace")
    client.post("/console/reconcile/", {"target": "ids", "ids": customer.pk, "alone": "1"})
    run = ResyncRun.objects.get()
    assert run.parts.count() == 1
    ResyncRun.objects.update(state="complete")

    page = client.get(f"/console/reconcile/{run.pk}/").content.decode()

    assert "<bdi>Ada Lovelace, without what hangs on it</bdi>" in page
    again = re.search(r'<form [^>]* action="/console/reconcile/"[^>]*>.*?Compare again', page, re.DOTALL)[0]
    client.post("/console/reconcile/", dict(re.findall(r'name="(target|ids|alone)" value="([^"]*)"', again)))
    assert [each.parts.count() for each in ResyncRun.objects.all()] == [1, 1]


def test_the_page_of_the_sync_leads_to_the_plans_of_a_sample_and_of_everything(client):
    page = client.get("/console/sync-health/").content.decode()

    for target in ("sample", "all"):
        assert f'href="/console/reconcile/plan/?target={target}"' in page


def test_it_costs_a_bounded_number_of_queries(client):
    held("customer", 3)
    client.get("/console/reconcile/plan/?target=invoice")

    with CaptureQueriesContext(connection) as queries:
        client.get("/console/reconcile/plan/?target=invoice", headers={"hx_request": "true"})

    assert len(queries) <= 10
