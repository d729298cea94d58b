from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from finances.models import EventWatermark, Incident
from tests.factories import a_delivery


def test_the_process_says_that_it_lives_without_the_database(client):
    assert client.get("/healthz").content == b"ok"


@pytest.mark.django_db
def test_ready_with_the_age_of_the_oldest_due_delivery(client):
    a_delivery(state="received", received_at=timezone.now() - timedelta(seconds=90))
    a_delivery(
        state="waiting", received_at=timezone.now() - timedelta(days=3), next_try_at=timezone.now() + timedelta(1)
    )
    a_delivery(state="quarantined", received_at=timezone.now() - timedelta(days=3))

    state = client.get("/readyz").json()

    assert state["database"] == "up"
    assert 90 <= state["oldest_due"] < 100


def test_a_database_that_is_down_is_503_and_says_nothing_more(client, monkeypatch):
    def down(*_):
        raise OperationalError("could not connect to server at 10.0.0.1 as paydesk")

    monkeypatch.setattr("dashboard.pages.health.readiness", down)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"database": "down"}


@pytest.mark.django_db
def test_ready_says_how_the_sync_does_in_counts_and_seconds_alone(client):
    now = timezone.now()
    a_delivery(state="received", received_at=now - timedelta(seconds=400), processed_at=None)
    a_delivery(state="waiting", received_at=now, processed_at=None)
    a_delivery(state="quarantined", received_at=now)
    Incident.objects.create(kind="silence", sentence="No event for 3 h.", opened_at=now)
    Incident.objects.create(kind="lag", sentence="Behind.", opened_at=now)
    Incident.objects.create(kind="quarantine", sentence="", opened_at=now, closed_at=now)
    EventWatermark.objects.create(at=now, compared_at=now - timedelta(seconds=70))

    state = client.get("/readyz").json()

    assert state["backlog"] == 2
    assert state["quarantined"] == 1
    assert 400 <= state["lag"] == state["oldest_due"] < 410
    assert state["incidents"] == ["lag", "silence"]
    assert 70 <= state["compared"] < 80
    assert set(state) == {
        "database", "oldest_due", "worker_seen", "lag", "backlog", "quarantined", "incidents", "compared",
    }  # fmt: skip


@pytest.mark.django_db
def test_ready_before_anything_came_or_was_compared(client):
    state = client.get("/readyz").json()

    assert (state["oldest_due"], state["worker_seen"], state["compared"]) == (0, None, None)
    assert (state["lag"], state["backlog"], state["incidents"]) == (0, 0, [])
