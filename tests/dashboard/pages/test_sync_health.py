"""The page about the sync's health, and the banners that it puts on every other page."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finances.models import Alert, CatchUp, EventWatermark, Incident, RefusedPosts, WorkerHeartbeat
from tests.factories import a_delivery

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

    assert said(health(client)) == "No worker is alive now, so nothing is processed."

    WorkerHeartbeat.objects.create(worker="gone", started_at=now, seen_at=now - timedelta(minutes=12))
    assert said(health(client)) == "No worker is alive since 12 min, so nothing is processed."


def test_the_gravest_incident_is_named_and_the_others_counted(client, worker):
    an_incident("quarantine")
    an_incident("gap")
    an_incident("silence")

    page = health(client)

    assert said(page) == "Events are lost."
    assert "2 more are open." in page
    assert page.count("data-incident=") == 3


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


@pytest.mark.parametrize(("part", "most"), [("state", 10), ("comparisons", 7)])
def test_the_parts_ask_for_themselves_and_count_no_days(client, now, worker, part, most):
    a_delivery(received_at=now)

    with CaptureQueriesContext(connection) as queries:
        page = health(client, hx_request="true", hx_target=part)

    assert page.strip().startswith("<") and f'id="{part}"' in page[:120]  # noqa: PT018
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

    assert counted[0] == counted[1] <= 26


# Banners


def banners(client, path: str = "/console/customers/") -> list[str]:
    return re.findall(r'data-banner="(\w+)"', client.get(path).content.decode())


def test_no_banner_where_nothing_is_wrong(client, now):
    a_delivery(received_at=now)

    assert banners(client) == []


@pytest.mark.parametrize("path", ["/console/", "/console/webhooks/", "/console/paydesk/payout/", "/console/nowhere/"])
def test_a_banner_stands_on_every_page(client, path):
    an_incident("silence", "No event has come from Stripe for 3 h. In the same span events came.")

    page = client.get(path).content.decode()

    assert "<strong>No event has come from Stripe for 3 h.</strong>" in page
    assert banners(client, path) == ["silence"]


def test_the_page_about_it_says_it_once(client, worker):
    an_incident("silence")

    assert banners(client, "/console/sync-health/") == []


def test_lag_needs_nobody_who_watches(client, now):
    a_delivery(state="received", received_at=now - timedelta(minutes=4), processed_at=None)
    assert banners(client) == []

    a_delivery(state="received", received_at=now - timedelta(minutes=12), processed_at=None)
    page = client.get("/console/customers/").content.decode()
    assert "<strong>What is shown may be 12 min behind Stripe.</strong>" in page


@pytest.mark.guarantee("A11")
def test_events_of_another_mode_warn_those_who_can_mend_it(client, admin):
    an_incident("wrong_mode")
    an_incident("refused")
    assert banners(client) == []

    client.force_login(admin)
    assert banners(client) == ["refused", "wrong_mode"]


@pytest.mark.guarantee("C1")
def test_a_gap_offers_a_read_of_everything_to_those_who_may(client, admin):
    an_incident("gap", "Stripe no longer has the events from 1 Oct 2026 to 21 Oct 2026.")
    assert banners(client) == ["gap"]
    assert "Read everything from Stripe</button>" not in client.get("/console/customers/").content.decode()

    client.force_login(admin)
    page = client.get("/console/customers/").content.decode()

    assert "Read everything from Stripe</button>" in page
    assert 'id="resync-banner-all"' in page
    assert '<input type="hidden" name="target" value="all">' in page


@pytest.mark.guarantee("C2")
def test_events_without_webhooks_are_said_to_come_so(client):
    an_incident("no_webhooks", "Events come without webhooks: Stripe has delivered none for 3 h.")

    assert "Events come without webhooks" in client.get("/console/").content.decode()


def test_two_banners_are_enough_and_the_rest_is_counted(client):
    for kind in ("silence", "no_webhooks", "stripe", "gap"):
        an_incident(kind)

    page = client.get("/console/customers/").content.decode()

    assert banners(client) == ["gap", "stripe"]
    assert ">2 more</a>" in page
    assert "Stripe does not answer, so pages show what we knew 1 min ago." in page


def test_strangers_and_those_without_a_role_see_none(client, django_user_model):
    an_incident("silence")
    client.force_login(django_user_model.objects.create_user("nobody@paydesk.test", is_staff=True))
    assert banners(client, "/console/nowhere/") == []

    client.logout()
    assert banners(client, "/console/login/") == []


def test_banners_cost_one_query(client, now):
    with CaptureQueriesContext(connection) as queries:
        client.get("/console/customers/")

    assert sum('FROM "paydesk_incident"' in query["sql"] for query in queries) == 1
    assert sum("oldest_open" in query["sql"] for query in queries) == 1


def test_the_watermark_says_up_to_where_events_are_whole(client, now, worker):
    EventWatermark.objects.create(at=now - timedelta(minutes=2), compared_at=now)

    assert "whole up to" in health(client)
