"""The button to the run: asked for, refused, asked for twice, followed to its end."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finances.models import AuditEntry, ResyncFinding, ResyncRun
from tests.factories import a_customer, an_invoice

pytestmark = pytest.mark.django_db


def ask(client, target: str, reason: str = "", **options):
    return client.post("/console/resyncs/", {"target": target, "reason": reason}, **options)


def a_run(**fields) -> ResyncRun:
    now = timezone.now()
    return ResyncRun.objects.create(**{"target": "customer", "created_at": now, "started_at": now} | fields)


def page_of(client, run: ResyncRun, **headers) -> str:
    return client.get(f"/console/resyncs/{run.pk}/", headers=headers).content.decode()


def test_the_button_makes_a_run_leads_to_it_and_leaves_a_trace(client, admin):
    customer = a_customer()
    client.force_login(admin)

    answer = ask(client, f" {customer.pk} ", "Ticket 48213")

    run = ResyncRun.objects.get()
    assert answer.headers["Location"] == f"/console/resyncs/{run.pk}/"
    assert (run.target, run.requested_by, run.reason) == (customer.pk, admin, "Ticket 48213")
    assert AuditEntry.objects.get().actor == admin


@pytest.mark.parametrize("role", ["support", "finance"])
def test_without_the_right_nothing_happens(client, request, role):
    client.force_login(request.getfixturevalue(role))

    assert ask(client, a_customer().pk).status_code == 403

    assert not ResyncRun.objects.exists()


def test_asking_twice_leads_to_the_run_that_goes_on_and_says_so(client, admin):
    client.force_login(admin)
    ask(client, "customer")

    answer = ask(client, "customer", follow=True)

    assert ResyncRun.objects.count() == 1
    assert "already being resynced" in answer.content.decode()


@pytest.mark.parametrize(
    "target", ["", "nonsense", "cus_1; drop table", "pm\x00", "x" * 5000, "<script>alert(1)</script>"]
)
def test_a_target_that_is_none_is_refused_in_words(client, admin, target):
    client.force_login(admin)

    answer = ask(client, target, follow=True)

    assert answer.redirect_chain == [("/console/resyncs/", 302)]
    assert "is not a Stripe id" in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()
    assert not ResyncRun.objects.exists()


def test_a_run_asks_for_itself_each_second_until_it_has_ended(client, support):
    run = a_run(state="running", total=100, done=60, failed=4)
    client.force_login(support)

    under_way = page_of(client, run, hx_request="true", hx_target="run")
    run.state, run.finished_at = "complete", timezone.now()
    run.save()
    ended = page_of(client, run, hx_request="true", hx_target="run")

    assert 'hx-trigger="every 1s"' in under_way
    assert '<progress value="64" max="100"' in under_way
    assert "hx-trigger" not in ended
    assert '<progress value="100" max="100"' in ended
    assert "<html" not in under_way + ended


@pytest.mark.parametrize("state", ["queued", "running", "paused"])
def test_without_a_living_worker_the_page_says_so(client, support, state):
    client.force_login(support)

    assert "No worker is alive" in page_of(client, a_run(state=state))


def test_failures_come_with_what_one_can_do_and_changes_with_their_fields(client, support):
    invoice = an_invoice(a_customer(), number="NV-7")
    run = a_run(state="partial", done=3, changed=1, failed=1, finished_at=timezone.now())
    found = {"run": run, "object_type": "invoice", "found_at": timezone.now()}
    ResyncFinding.objects.create(
        **found,
        object_id=invoice.pk,
        kind="changed",
        differences=[{"field": "status", "before": "open", "after": "paid"}, {"field": "footer", "before": "<b>x"}],
    )
    ResyncFinding.objects.create(
        **found, object_id="in_2", kind="failed", problem="The key may not read tax rates", advice="Give it that right."
    )
    client.force_login(support)

    page = page_of(client, run)

    assert "Invoice <bdi>NV-7</bdi>" in page
    assert "<del>&quot;open&quot;</del>" in page
    assert "<ins>&quot;paid&quot;</ins>" in page
    assert "<b>x" not in page
    assert "not there" in page
    assert "The key may not read tax rates" in page
    assert "Give it that right." in page


def test_queries_do_not_grow_with_runs_or_findings(client, support):
    client.force_login(support)
    run = a_run(state="complete", finished_at=timezone.now())
    counted = []
    for size in (2, 40):
        for _ in range(size):
            invoice = an_invoice(a_customer())
            for kind in ("changed", "failed"):
                ResyncFinding.objects.create(
                    run=run, object_id=invoice.pk, object_type="invoice", kind=kind, found_at=timezone.now()
                )
            a_run(
                state="complete",
                target=invoice.pk,
                requested_by=support,
                created_at=timezone.now() - timedelta(hours=1),
            )
        with CaptureQueriesContext(connection) as one:
            page_of(client, run)
        with CaptureQueriesContext(connection) as many:
            client.get("/console/resyncs/")
        counted.append((len(one), len(many)))

    assert counted[0] == counted[1]
    assert counted[0] <= (14, 8)
