"""The page of one run: how far it is, what it waits for, what it found, and what can be done with it."""

import csv
import html
import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finances.models import AuditEntry, RateBudget, ResyncFinding, ResyncRun
from finances.resync.findings import all_of, nameless
from finances.resync.request import request_resync
from tests.dashboard.pages.resync_rows import a_finding, a_run, a_worker, page_of, parts
from tests.factories import a_customer, an_invoice

pytestmark = pytest.mark.django_db


def text_of(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def act(client, run: ResyncRun, action: str, reason: str = "", **options):
    return client.post(f"/console/resyncs/{run.pk}/", {"action": action, "reason": reason}, **options)


def test_a_run_asks_for_itself_each_second_until_it_has_ended(client, support):
    run = a_run(state="running", total=100, done=60, failed=4)
    client.force_login(support)

    under_way = page_of(client, run, "run", "?state=running")
    run.state, run.finished_at = "complete", timezone.now()
    run.save()
    ended = page_of(client, run, "run", "?state=complete")

    assert 'hx-trigger="every 1s"' in under_way
    assert '<progress value="64" max="100"' in under_way
    assert "60 of about 100 objects" in under_way
    assert "hx-trigger" not in ended
    assert '<progress value="100" max="100"' in ended
    assert "<html" not in under_way + ended


def test_the_head_comes_along_only_when_the_state_is_another(client, admin):
    """Else a button would be drawn anew while somebody presses it."""
    run = a_run(state="running")
    client.force_login(admin)

    assert "Pause" not in page_of(client, run, "run", "?state=running")

    now_paused = page_of(client, run, "run", "?state=queued")
    assert 'id="head" hx-swap-oob="true"' in now_paused
    assert "Pause" in now_paused


def test_findings_are_drawn_anew_only_when_there_are_more(client, support):
    run = a_run(state="running", changed=1, done=1)
    client.force_login(support)
    seen = re.search(r"\?seen=([\w-]+)", page_of(client, run))[1]
    again = {
        "path": f"/console/resyncs/{run.pk}/?seen={seen}",
        "headers": {"hx_request": "true", "hx_target": "findings"},
    }

    assert client.get(**again).status_code == 204

    ResyncRun.objects.update(changed=2)
    a_finding(run, "changed", "in_1")
    answer = client.get(**again)
    assert answer.status_code == 200
    assert "in_1" in answer.content.decode()


@pytest.mark.parametrize("state", ["queued", "running"])
def test_without_a_living_worker_the_page_says_so(client, support, state):
    client.force_login(support)

    assert "No worker is alive" in page_of(client, a_run(state=state))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"state": "partial", "done": 3, "failed": 3, "total": 6}, "3 objects read 3 failed"),
        ({"state": "running", "done": 1, "failed": 2, "total": 6}, "1 of about 6 objects 2 failed 50 %"),
    ],
)
def test_what_failed_is_not_said_to_be_read(client, support, fields, sentence):
    client.force_login(support)

    assert sentence in text_of(page_of(client, a_run(**fields)))


def test_what_was_never_read_before_has_no_estimate_but_parts(client, support):
    run = a_run(target="all", state="running", done=2500, total=2500)
    parts(run, "customer", "done")
    parts(run, "invoice", "done", "running", "queued", stage=1)
    client.force_login(support)

    page = text_of(page_of(client, run, "run"))

    assert "2,500 objects so far" in page
    assert "50 %" in page
    assert "Customers read 1 0 0 0" in page
    assert "Invoices being read 1 1 1 0" in page


def test_the_limit_and_why_and_how_often_stripe_slowed_us_down(client, support, settings):
    settings.CALLS_A_SECOND, settings.CALLS_A_SECOND_OF_ONE_ENDPOINT = 40, 20
    run = a_run(target="invoice", state="running", calls=82, calls_planned=129, slowed=2)
    client.force_login(support)

    page = text_of(page_of(client, run))

    assert (
        "82 of about 129 calls to Stripe, at most 20 a second, so that the production application keeps its room"
        in page
    )
    assert "slowed down twice by 429" in page


def test_stripe_being_down_is_said_and_when_it_is_asked_again(client, support):
    now = timezone.now()
    a_worker()
    RateBudget.objects.create(
        scope="all", level=0, filled_at=now, failures=30, open_until=now + timedelta(seconds=20, milliseconds=500)
    )
    run = a_run(state="running", total=100)
    client.force_login(support)

    page = text_of(page_of(client, run))

    assert re.search(r"Stripe does not answer\. Stripe is asked again in (20|19) s\.", page)
    assert "nothing is lost" in page
    assert " left" not in page


def test_parts_that_wait_for_another_try_say_why_and_until_when(client, support):
    a_worker()
    run = a_run(state="running", total=100)
    at = timezone.now() + timedelta(seconds=30, milliseconds=500)
    parts(
        run, "invoice", "queued", "queued", next_try_at=at, problem="Stripe answered with an error of its own.", tries=1
    )
    client.force_login(support)

    page = text_of(page_of(client, run))

    assert "2 parts wait for another try. Stripe answered with an error of its own. The first is tried again in" in page


def test_failures_come_before_changes_with_what_one_can_do_and_changes_with_their_fields(client, support):
    invoice = an_invoice(a_customer(), number="NV-7")
    run = a_run(state="partial", done=3, changed=1, failed=1, finished_at=timezone.now())
    differences = [{"field": "status", "before": "open", "after": "paid"}, {"field": "footer", "before": "<b>x"}]
    a_finding(run, "changed", invoice.pk, differences=differences)
    a_finding(run, "failed", "in_2", problem="The key may not read tax rates", advice="Give it that right.")
    client.force_login(support)

    page = page_of(client, run)

    assert "Invoice <bdi>NV-7</bdi>" in page
    assert "<del>&quot;open&quot;</del>" in page
    assert "<ins>&quot;paid&quot;</ins>" in page
    assert "<b>x" not in page
    assert "not there" in page
    assert page.index("The key may not read tax rates") < page.index("NV-7")
    assert "Give it that right." in page
    assert "Not everything could be read." in page


def test_a_run_is_paused_resumed_and_cancelled_with_a_trace(client, admin):
    client.force_login(admin)
    run = request_resync("invoice", now=timezone.now(), by=admin).run

    for action, state in (("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")):
        answer = act(client, run, action, "Ticket 7")
        run.refresh_from_db()
        assert (answer.headers["Location"], run.state) == (f"/console/resyncs/{run.pk}/", state)

    words = AuditEntry.objects.filter(action__startswith="paydesk.resync.").order_by("id")
    assert [entry.action.rpartition(".")[2] for entry in words] == ["requested", "paused", "resumed", "cancelled"]
    assert {entry.actor for entry in words} == {admin}


def test_what_the_state_does_not_allow_is_said_in_words(client, admin):
    client.force_login(admin)
    run = a_run(state="complete", finished_at=timezone.now())

    assert "A run that is complete cannot be paused." in act(client, run, "pause", follow=True).content.decode()


def test_what_failed_can_be_tried_again_once_the_run_has_ended(client, admin):
    client.force_login(admin)
    run = a_run(state="running", failed=2)
    for number in range(2):
        a_finding(run, "failed", f"in_{number}", problem="It could not be read.")
    assert "again</button>" not in page_of(client, run)

    ResyncRun.objects.update(state="partial", finished_at=timezone.now())
    assert "Try these 2 again</button>" in page_of(client, run)
    act(client, run, "retry")

    run.refresh_from_db()
    assert run.state == "queued"
    assert not ResyncFinding.objects.filter(kind="failed").exists()


@pytest.mark.parametrize("kind", ["resync", "compare"])
@pytest.mark.parametrize("state", ["partial", "failed"])
def test_a_run_that_ended_without_everything_is_tried_again_from_its_head(client, admin, support, kind, state):
    run = a_run(kind=kind, state=state, finished_at=timezone.now())
    parts(run, "customer", "done", "failed")
    address = f"/console/{'reconcile' if kind == 'compare' else 'resyncs'}/{run.pk}/"
    client.force_login(support)
    assert "Try again</button>" not in client.get(address).content.decode()

    client.force_login(admin)
    assert "Try again</button>" in client.get(address).content.decode()
    act(client, run, "retry")

    run.refresh_from_db()
    assert (run.state, run.parts.filter(state="queued").count()) == ("queued", 1)


@pytest.mark.parametrize("action", ["pause", "resume", "cancel", "retry"])
def test_without_the_right_a_run_is_only_read(client, support, action):
    client.force_login(support)
    run = a_run(state="running")

    assert act(client, run, action).status_code == 403

    run.refresh_from_db()
    assert run.state == "running"
    assert "<form" not in page_of(client, run, "run") + page_of(client, run, "findings")
    assert "Cancel run" not in page_of(client, run)


def test_an_unknown_action_does_nothing(client, admin):
    client.force_login(admin)
    run = a_run(state="running")

    assert act(client, run, "delete").status_code == 302

    run.refresh_from_db()
    assert run.state == "running"


def test_without_a_script_the_question_before_a_cancel_stands_on_the_page(client, admin):
    client.force_login(admin)
    run = a_run(state="running")

    assert page_of(client, run).count("Cancel this run?") == 1
    assert page_of(client, run, query="?ask=cancel").count("Cancel this run?") == 2


def test_a_comparison_has_a_page_elsewhere(client, support):
    client.force_login(support)
    run = a_run(kind="compare", state="complete")

    assert client.get(f"/console/resyncs/{run.pk}/").headers["Location"] == f"/console/reconcile/{run.pk}/"


def test_the_export_has_a_line_a_field_and_no_formula(client, support):
    client.force_login(support)
    run = a_run(state="partial", finished_at=timezone.now())
    differences = [{"field": "amount", "before": 1, "after": -5}, {"field": "name", "after": '=HYPERLINK("x")'}]
    a_finding(run, "changed", "in_1", differences=differences)
    a_finding(run, "failed", "in_2", problem="=1+1", advice="-")
    a_finding(run, "new", "in_3")

    answer = client.get(f"/console/resyncs/{run.pk}/?export=csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))

    assert [row[:6] for row in rows[1:]] == [
        ["Failed", "invoice", "in_2", "", "", ""],
        ["Changed", "invoice", "in_1", "amount", "1", "-5"],
        ["Changed", "invoice", "in_1", "name", "", '"=HYPERLINK(\\"x\\")"'],
        ["New", "invoice", "in_3", "", "", ""],
    ]
    assert rows[1][6:8] == ["'=1+1", "'-"]
    assert AuditEntry.objects.get(action="paydesk.export.made").detail["rows"] == 3


def test_a_type_of_which_something_was_not_read_is_not_said_to_be_read(client, support):
    run = a_run(state="partial", done=9, failed=2, finished_at=timezone.now())
    parts(run, "customer", "done")
    parts(run, "invoice", "done", "done", stage=1)
    for number in range(2):
        a_finding(run, "failed", f"in_{number}", problem="Stripe has no invoice with this id.")
    client.force_login(support)

    page = text_of(page_of(client, run, "run"))

    assert "Customers read 1 0 0 0" in page
    assert "Invoices 2 not read 2 0 0 0" in page


def test_what_a_cancelled_run_left_waits_for_nothing(client, support):
    run = a_run(state="cancelled", done=9, finished_at=timezone.now())
    parts(run, "customer", "done")
    parts(run, "invoice", "done", "queued", stage=1)
    parts(run, "refund", "queued", stage=2)
    client.force_login(support)

    page = text_of(page_of(client, run, "run"))

    assert "Customers read 1 0 0 0" in page
    assert "Invoices not read to its end 1 0 1 0" in page
    assert "Refunds not read 0 0 1 0" in page


def test_queries_do_not_grow_with_findings_or_parts(client, support):
    client.force_login(support)
    run = a_run(state="running", total=1000)
    counted = []
    for size in (2, 40):
        for _ in range(size):
            invoice = an_invoice(a_customer())
            for kind in ("changed", "failed"):
                a_finding(run, kind, invoice.pk)
            parts(run, "invoice", "queued", "running")
        counts = []
        for part in ("", "run", "findings"):
            with CaptureQueriesContext(connection) as queries:
                page_of(client, run, part)
            counts.append(len(queries))
        counted.append(counts)

    assert counted[0] == counted[1]
    whole, of_run, of_findings = counted[0]
    assert (whole <= 20, of_run <= 10, of_findings <= 12) == (True, True, True), counted[0]


def test_what_went_wrong_with_a_whole_list_or_with_what_has_no_id_is_said_in_words(client, admin):
    run = a_run(state="partial")
    for object_id in (all_of("customer"), nameless("customer")):
        a_finding(run, object_type="customer", object_id=object_id, kind="failed", problem="Refused.")
    client.force_login(admin)

    page = client.get(f"/console/resyncs/{run.pk}/").content.decode()
    assert "All customers" in page
    assert "Customers without an id" in page
    assert 'data-copy="all customers"' not in page
