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
        "database", "oldest_due", "worker_seen", "lag", "backlog", "backlog_gone_in", "quarantined", "silence",
        "silence_unusual", "incidents", "compared", "delay_on_the_way", "delay_here",
    }  # fmt: skip


@pytest.mark.django_db
def test_ready_before_anything_came_or_was_compared(client):
    state = client.get("/readyz").json()

    assert (state["oldest_due"], state["worker_seen"], state["compared"]) == (0, None, None)
    assert (state["lag"], state["backlog"], state["incidents"]) == (0, 0, [])
    assert (state["backlog_gone_in"], state["silence"], state["silence_unusual"]) == (0, None, False)
    assert (state["delay_on_the_way"], state["delay_here"]) == (None, None)


@pytest.mark.django_db
def test_ready_gives_the_delays_the_silence_and_the_end_of_the_backlog_as_doctor_does(client):
    came = timezone.now() - timedelta(seconds=20)
    for seconds in range(1, 21):
        a_delivery(
            created_at=came - timedelta(seconds=3), received_at=came, processed_at=came + timedelta(seconds=seconds / 2)
        )
    for _ in range(30):
        a_delivery(received_at=came - timedelta(hours=2), processed_at=came, tries=1)
    for _ in range(4):
        a_delivery(state="received", created_at=came - timedelta(seconds=3), received_at=came, processed_at=None)

    state = client.get("/readyz").json()

    assert state["delay_on_the_way"] == {"p50": 3, "p95": 3}
    assert state["delay_here"] == {"p50": 5, "p95": 9.5}
    assert 20 <= state["silence"] < 30
    assert not state["silence_unusual"]
    assert (state["backlog"], state["backlog_gone_in"]) == (4, 8)


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 40])
def test_ready_costs_ten_queries_however_much_there_is(client, django_assert_num_queries, size):
    for _ in range(size):
        a_delivery(received_at=timezone.now(), processed_at=timezone.now())

    with django_assert_num_queries(10):
        client.get("/readyz")
