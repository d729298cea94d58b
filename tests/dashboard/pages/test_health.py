from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from tests.factories import a_delivery


def test_the_process_says_that_it_lives_without_the_database(client):
    assert client.get("/healthz").content == b"ok"


@pytest.mark.django_db
def test_ready_with_the_age_of_the_oldest_due_delivery(client):
    a_delivery(state="waiting", received_at=timezone.now() - timedelta(seconds=90))
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
