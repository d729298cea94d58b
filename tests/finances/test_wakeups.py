"""One pending wake-up a kind of work; a lost one is asked for again; a dead queue costs nothing but the wake-up."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from finances import wakeups
from finances.models import WakeUp

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def enqueued(monkeypatch) -> list[str]:
    asked: list[str] = []
    monkeypatch.setitem(wakeups._enqueue, "deliveries", lambda: asked.append("deliveries"))
    return asked


def test_many_wake_ups_are_one_task_until_it_is_taken(enqueued):
    for _ in range(5):
        wakeups.wake("deliveries", now=NOW)
    assert enqueued == ["deliveries"]

    wakeups.taken("deliveries")
    wakeups.wake("deliveries", now=NOW)

    assert enqueued == ["deliveries", "deliveries"]


def test_a_wake_up_that_nobody_took_is_asked_for_again(enqueued):
    wakeups.wake("deliveries", now=NOW)
    wakeups.wake("deliveries", now=NOW + timedelta(seconds=11))

    assert len(enqueued) == 2


def test_nobody_is_woken_before_the_commit(enqueued):
    with transaction.atomic():
        wakeups.wake("deliveries", now=NOW)
        assert enqueued == []

    assert enqueued == ["deliveries"]


def test_a_transaction_that_is_rolled_back_wakes_nobody(enqueued):
    with transaction.atomic():
        wakeups.wake("deliveries", now=NOW)
        transaction.set_rollback(True)

    assert enqueued == []


def test_a_queue_that_is_down_costs_the_wake_up_and_nothing_else(monkeypatch):
    def down() -> None:
        raise ConnectionError

    monkeypatch.setitem(wakeups._enqueue, "deliveries", down)

    wakeups.wake("deliveries", now=NOW)

    assert WakeUp.objects.get(kind="deliveries").pending


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL")
def test_after_a_queue_that_was_too_slow_the_caller_goes_on(monkeypatch):
    def slow() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(20)")

    monkeypatch.setitem(wakeups._enqueue, "deliveries", slow)
    monkeypatch.setattr(wakeups, "PATIENCE", 0.1)

    wakeups.wake("deliveries", now=NOW)

    assert WakeUp.objects.get(kind="deliveries").pending
