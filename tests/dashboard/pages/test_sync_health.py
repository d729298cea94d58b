"""The page about the sync's health."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finances.models import Alert, CatchUp, DirtyDay, EventWatermark, Incident, RefusedPosts, ResyncRun, WorkerHeartbeat
from tests.factories import a_customer, a_delivery, an_invoice, seen

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _signed_in(client, support):
    client.force_login(support)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def worker(now):
    return WorkerHeartbeat.objects.create(worker="here", started_at=now, seen_at=now)


def health(client, query: str = "", **headers) -> str:
    answer = client.get(f"/console/sync-health/{query}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def said(page: str) -> str:
    """The state in a sentence."""
    return re.search(r"<strong>(.*?)</strong>", page[page.index('id="state"') :])[1]


def an_incident(kind: str, sentence: str = "Something is wrong. It has a reason.", **fields) -> Incident:
    return Incident.objects.create(kind=kind, sentence=sentence, **{"opened_at": timezone.now()} | fields)


def test_before_the_first_event_it_says_where_they_are_to_come(client, worker):
    page = health(client)

    assert said(page) == "No event has come yet."
    assert "/api/finances/stripe/webhook/" in page
    assert "No event came in this time." in page


def test_all_is_well(client, now, worker):
    a_delivery(received_at=now, processed_at=now)

    assert said(health(client)) == "Everything that Stripe sent is in what is shown."


def test_without_a_worker_nothing_else_matters(client, now):
    a_delivery(received_at=now, processed_at=now)
    an_incident("silence")

    assert said(health(client)) == "No worker is alive, so nothing is processed."

    WorkerHeartbeat.objects.create(worker="gone", started_at=now, seen_at=now - timedelta(minutes=12))
    assert said(health(client)) == "No worker has been alive for 12 min, so nothing is processed."


def test_the_gravest_incident_is_named_and_the_others_counted(client, worker):
    an_incident("wrong_mode")
    an_incident("gap")
    an_incident("silence")

    page = health(client)

    assert said(page) == "Events are lost."
    assert "2 more incidents are open." in page
    assert page.count("data-incident=") == 3


def test_a_sentence_that_the_live_figures_contradict_is_not_said(client, now, worker):
    an_incident("quarantine", "7 events are in quarantine and need a person.")
    an_incident("lag", "What is shown is 20 min behind Stripe: that long the oldest webhook waits to be processed.")
    a_delivery(received_at=now, processed_at=now)

    page = health(client)

    assert said(page) == "Everything that Stripe sent is in what is shown."
    assert "data-incident" not in page
    assert "At the workers’ last look: 7 events are in quarantine" in page

    a_delivery(state="quarantined")
    page = health(client)
    assert "<strong>1 event is in quarantine and needs a person.</strong>" in page
    assert "7 events" not in page[: page.index('id="incidents"')]


def test_what_is_quarantined_is_said_before_the_watch_has_seen_it(client, now, worker):
    a_delivery(state="quarantined")
    a_delivery(state="quarantined")

    assert said(health(client)) == "2 events are in quarantine and need a person."


def test_each_figure_leads_to_what_it_counts(client, now, worker):
    for state in ("waiting", "waiting", "processing"):
        a_delivery(state=state, processed_at=None, next_try_at=now + timedelta(minutes=3))
    yesterday = f"{now - timedelta(days=1):%Y-%m-%d}"

    page = health(client)

    assert '<a href="/console/webhooks/?state=processing">1 processing</a>' in page
    assert '<a href="/console/webhooks/?state=waiting">2 waiting</a>' in page
    assert "?state=received" not in page
    for address in (f"?received_from={yesterday}", f"?found=missed&amp;received_from={yesterday}"):
        assert f'href="/console/webhooks/{address}"' in page
        listed = client.get("/console/webhooks/" + address.replace("&amp;", "&"))
        assert not listed.context["left_out"]


def test_events_that_no_webhook_brought_are_a_warning(client, now, worker):
    found = CatchUp.objects.create(state="complete", cause="schedule", since=now, created_at=now, finished_at=now)
    a_delivery(received_at=now)
    assert "never came by webhook" not in health(client)

    for name in ("evt_one", "evt_two"):
        a_delivery(event_id=name, found_by=found, attempts=0, received_at=now)
    page = health(client)

    assert "<strong>2 events of the last 24 h never came by webhook; comparisons found them.</strong>" in page
    assert '<span class="pd-mark" data-tone="warning"></span>Never delivered' in page


def test_only_those_who_may_mend_it_are_told_how(client, admin, worker):
    an_incident("refused", "Posts to Stripe's address were refused in the last 15 min: 9 wrong signature.")

    page = health(client)
    assert "Ask an admin to look at the signing secret" in page
    assert "DJSTRIPE_WEBHOOK_SECRET" not in page

    client.force_login(admin)
    assert "Compare DJSTRIPE_WEBHOOK_SECRET" in health(client)


def test_an_open_incident_that_nobody_is_told_of_says_so(client, now, worker, settings):
    incident = an_incident("silence")
    assert "nobody is told: no address is set up" in health(client)

    settings.ALERT_EMAILS = ["ops@paydesk.test"]
    assert "nobody was told" in health(client)

    incident.closed_at = now
    incident.save()
    assert "nobody" not in health(client)


def test_the_backlog_says_when_it_will_be_gone(client, now, worker):
    for _ in range(30):
        a_delivery(processed_at=now - timedelta(seconds=2), tries=1)
    for _ in range(6):
        a_delivery(state="received", received_at=now, processed_at=None)

    page = health(client)

    assert said(page) == "6 events are being processed."
    assert "gone in about 12 s" in page


def test_delays_of_the_last_day_stand_against_the_target(client, now, worker):
    a_delivery(created_at=now - timedelta(minutes=3), received_at=now - timedelta(minutes=1), processed_at=now)

    page = health(client)

    assert "p95, the target is 30 s" in page
    assert "half of them within 2 min" in page


def figure(page: str, name: str) -> dict:
    return json.loads(re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', page)[1])


@pytest.mark.parametrize(("query", "hours"), [("", 24), ("?days=1", 24), ("?days=7", 168)])
def test_charts_are_of_a_day_or_a_week(client, now, worker, query, hours):
    a_delivery(received_at=now, processed_at=now)

    page = health(client, query)

    assert len(figure(page, "deliveries")["data"][0]["x"]) == hours
    assert figure(page, "deliveries")["data"][0]["y"][-1] == 1
    assert len(figure(page, "way")["data"]) == len(figure(page, "here")["data"]) == 3


def test_another_time_is_left_out_with_a_notice(client):
    assert "The charts show 1 or 7 days; this is one." in health(client, "?days=900")


def test_a_bar_leads_to_the_days_events_of_its_state(client, now, worker):
    a_delivery(received_at=now, state="quarantined")

    address = figure(health(client), "deliveries")["data"][0]["customdata"][-1]

    assert address == f"/console/webhooks/?state=quarantined&received_from={now:%Y-%m-%d}&received_to={now:%Y-%m-%d}"
    assert client.get(address).status_code == 200


@pytest.mark.guarantee("C1")
def test_a_comparison_says_what_stripe_has_what_we_hold_and_which_were_missing(client, now, worker):
    found = CatchUp.objects.create(
        state="complete", cause="schedule", since=now - timedelta(days=1), created_at=now, finished_at=now,
        listed=40, held=38, missed=2,
    )  # fmt: skip
    for name in ("evt_one", "evt_two"):
        a_delivery(event_id=name, event_type="invoice.voided", found_by=found, attempts=0, received_at=now)

    page = health(client)

    assert "Stripe has 40 events since" in page
    assert "we held 38, here are the" in page
    assert f'href="/console/webhooks/?comparison={found.pk}">2 that were missing</a>' in page
    assert 'href="/console/webhooks/evt_two/"' in page


def test_one_that_failed_says_why(client, now, worker):
    times = {"since": now, "created_at": now, "finished_at": now}
    CatchUp.objects.create(state="failed", cause="schedule", problem="Stripe could not be reached.", **times)

    assert "Stripe could not be reached." in health(client)


def test_catch_up_is_offered_to_those_who_may_and_leads_back_here(client, admin):
    assert "Catch up</button>" not in health(client)

    client.force_login(admin)
    assert "Catch up</button>" in health(client)
    answer = client.post("/console/webhooks/catch-up/", {"from": "sync_health"})

    assert answer.url == "/console/sync-health/"
    assert CatchUp.objects.get().requested_by == admin


def test_refused_posts_and_other_versions_are_counted(client, now, worker):
    RefusedPosts.objects.create(minute=now - timedelta(hours=2), reason="wrong signature", count=1234)
    RefusedPosts.objects.create(minute=now - timedelta(hours=30), reason="too large", count=5)
    a_delivery(api_version="2019-02-11", received_at=now)
    a_delivery(api_version="2026-05-27.dahlia", received_at=now)

    page = health(client)

    assert "Wrong signature" in page
    assert "1,234" in page
    assert "Too large" not in page
    assert '?version=2019-02-11"' in page
    assert '?version=2026-05-27.dahlia"' not in page


def test_incidents_stay_with_what_became_of_their_alerts(client, now, worker):
    incident = an_incident("lag", opened_at=now - timedelta(hours=2), closed_at=now - timedelta(hours=1))
    for moment in ("begin", "end"):
        Alert.objects.create(incident=incident, moment=moment, way="email", next_try_at=now, sent_at=now)
    Alert.objects.create(incident=incident, moment="begin", way="chat", next_try_at=now, problem="TooSlow", tries=5)

    page = health(client)

    assert "mail sent, chat did not go out (TooSlow)" in page
    assert "data-incident" not in page


@pytest.mark.parametrize(("part", "most"), [("state", 13), ("comparisons", 7)])
def test_the_parts_ask_for_themselves_and_count_no_days(client, now, worker, part, most):
    a_delivery(received_at=now)

    with CaptureQueriesContext(connection) as queries:
        page = health(client, hx_request="true", hx_target=part)

    assert page.strip().startswith("<")
    assert f'id="{part}"' in page[:120]
    assert "<html" not in page
    assert 'hx-trigger="every 10s"' in page
    assert len(queries) <= most
    assert not any("ROW_NUMBER" in query["sql"] for query in queries if part == "state")


def test_queries_do_not_grow(client, now, worker):
    counted = []
    for size in (2, 40):
        for _ in range(size):
            a_delivery(received_at=now, processed_at=now, api_version="2019-02-11")
            an_incident("lag", closed_at=now)
            CatchUp.objects.create(state="complete", cause="schedule", since=now, created_at=now, finished_at=now)
        with CaptureQueriesContext(connection) as queries:
            health(client)
        counted.append(len(queries))

    assert counted[0] == counted[1] <= 40


def test_the_watermark_says_up_to_where_events_are_whole(client, now, worker):
    EventWatermark.objects.create(at=now - timedelta(minutes=2), compared_at=now)

    assert "whole up to" in health(client)


def test_days_that_no_worker_sums_are_a_remark_on_cost_after_five_minutes(client, now, worker):
    an_invoice(a_customer(), paid_at=now)
    assert "has summed" not in health(client)
    DirtyDay.objects.update(marked_at=now - timedelta(minutes=20))

    page = health(client)

    assert "1 day changed and no worker has summed them for 20 min" in page
    assert "figures are right" in page


class TestAnOverdueSample:
    @pytest.fixture(autouse=True)
    def _compared_days_ago(self, now, worker):
        seen(a_customer().pk)
        fields = {"kind": "compare", "target": "sample", "state": "complete", "done": 12}
        self.sample = ResyncRun.objects.create(**fields, created_at=now - timedelta(days=3))

    def note(self, page: str) -> str:
        found = re.search(r"<strong>No sample .*?</div>", page, re.DOTALL)
        return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""

    def test_is_flagged_with_what_to_do_by_whoever_may(self, client, admin):
        page = health(client)
        assert self.note(page) == (
            "No sample has been compared with Stripe for 3 days. "
            "A worker compares one each night after 03:00. Ask an admin to look why."
        )
        assert '<span class="pd-mark" data-tone="warning"></span>' in page[page.index("Sample of") - 200 :]

        client.force_login(admin)
        page = health(client)
        assert "Compare one now; if the next night brings none either, look at the log" in self.note(page)
        assert 'href="/console/reconcile/plan/?target=sample">Compare a sample…</a>' in page

    def test_is_not_where_one_was_compared_in_time(self, client, now):
        ResyncRun.objects.update(created_at=now - timedelta(hours=30))

        assert not self.note(health(client))

    def test_says_which_run_it_waits_for(self, client, now):
        run = ResyncRun.objects.create(target="all", state="running", created_at=now - timedelta(hours=50))

        page = health(client)

        waits = "It waits for the resync of everything, asked for 2 days ago: let that end, or cancel it."
        assert waits in self.note(page)
        assert f'href="/console/resyncs/{run.pk}/">See it</a>' in page

    @pytest.mark.parametrize(
        ("state", "sentence"),
        [
            ("paused", "has not ended: resume it, or cancel it and compare another."),
            ("failed", "The newest one came to no end. See why; once that is mended, compare one."),
        ],
    )
    def test_names_the_one_that_came_to_no_end(self, client, now, state, sentence):
        fields = {"kind": "compare", "target": "sample", "state": state}
        stopped = ResyncRun.objects.create(**fields, created_at=now - timedelta(hours=8))

        page = health(client)

        assert sentence in self.note(page)
        assert f'href="/console/reconcile/{stopped.pk}/">See it</a>' in page

    def test_is_said_where_there_never_was_one(self, client, now):
        ResyncRun.objects.all().delete()
        ResyncRun.objects.create(target="all", state="complete", created_at=now, finished_at=now - timedelta(days=4))

        fact = "No sample was ever compared with Stripe, and objects have been here for 4 days."
        assert self.note(health(client)).startswith(fact)
