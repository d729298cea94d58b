"""What stands on every page while something is wrong with the sync."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finances.models import Incident, WorkerHeartbeat
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


def an_incident(kind: str, sentence: str = "Something is wrong. It has a reason.", **fields) -> Incident:
    return Incident.objects.create(kind=kind, sentence=sentence, **{"opened_at": timezone.now()} | fields)


def banners(client, path: str = "/console/customers/") -> list[str]:
    return re.findall(r'data-banner="(\w+)"', client.get(path).content.decode())


def test_no_banner_where_nothing_is_wrong(client, now):
    a_delivery(received_at=now)

    assert banners(client) == []


@pytest.mark.guarantee("C1")
@pytest.mark.parametrize("path", ["/console/", "/console/webhooks/", "/console/paydesk/payout/", "/console/nowhere/"])
def test_a_banner_stands_on_every_page(client, path):
    an_incident("silence", "No event has come from Stripe for 3 h. In the same span events came.")
    an_incident("gap", "Stripe no longer has the events from 1 Oct 2026 to 21 Oct 2026.")

    page = client.get(path).content.decode()

    assert "<strong>No event has come from Stripe for 3 h.</strong>" in page
    assert banners(client, path) == ["gap", "silence"]


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


def test_a_banner_leads_to_the_events_that_it_is_about(client, admin):
    a_delivery(event_id="evt_theirs", state="ignored", reason="It is of live mode; this deployment is in test mode.")
    a_delivery(event_id="evt_others", state="ignored", reason="It is of another account.")
    a_delivery(event_id="evt_kept_not", state="ignored", reason="Paydesk keeps no topups.")
    an_incident("wrong_mode")
    client.force_login(admin)

    page = client.get("/console/customers/").content.decode()
    address = re.search(r'href="([^"]*)">Which ones</a>', page)[1].replace("&amp;", "&")

    listed = client.get(address).content.decode()
    assert "evt_theirs" in listed
    assert "evt_others" in listed
    assert "evt_kept_not" not in listed


def test_a_banner_says_what_is_so_in_its_summary_and_the_rest_below(client):
    an_incident("silence", "No event has come from Stripe for 3 h. In the same span events came.")

    page = client.get("/console/customers/").content.decode()

    assert "<summary><strong>No event has come from Stripe for 3 h.</strong></summary><p>In the same span" in page


def badge(client, path: str = "/console/customers/") -> str:
    found = re.search(r"sidebar-badge[^>]*>\s*(.*?)\s*</span>\s*</a>", client.get(path).content.decode(), re.DOTALL)
    return found[1] if found else ""


def test_the_sidebar_counts_what_is_in_quarantine(client):
    assert badge(client) == ""

    for _ in range(3):
        a_delivery(state="quarantined")
    assert badge(client) == '3<span class="pd-sr"> in quarantine</span>'

    for _ in range(97):
        a_delivery(state="quarantined")
    assert badge(client, "/console/") == '99+<span class="pd-sr"> in quarantine</span>'


def test_the_sidebar_asks_once_and_only_for_those_who_may_see_webhooks(client, django_user_model):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/console/password_change/")
        return sum('FROM "paydesk_delivery"' in query["sql"] and "quarantined" in query["sql"] for query in queries)

    assert asked() == 1

    client.force_login(django_user_model.objects.create_user("nobody@paydesk.test", is_staff=True))
    assert asked() == 0


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
    assert sum("another_try" in query["sql"] for query in queries) == 1
