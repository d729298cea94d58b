"""Everything whose time is over, and nothing for which a setting says for ever; nobody waits for it."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from finances.models import Delivery, ObjectVersion
from finances.retention import batches
from finances.retention.batches import BATCH, in_batches
from finances.retention.pruning import prune_due
from finances.webhooks.arrivals import Sender
from finances.webhooks.intake import take_in
from tests.factories import a_delivery
from tests.finances.webhooks.conftest import event, signed

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FOUR_YEARS = NOW - timedelta(days=4 * 365)


def old(count: int = 3) -> None:
    for number in range(count):
        at = FOUR_YEARS + timedelta(days=number)
        a_delivery(payload={"a": 1}, created_at=at, received_at=at, processed_at=at)
        ObjectVersion.objects.create(object_id="cus_1", ticket=number, seen_at=at, stripe_data={})


@pytest.mark.django_db
def test_what_the_settings_say_goes(settings):
    old()
    settings.KEEP_DELIVERIES_DAYS = 45

    assert prune_due(lambda: NOW) == {"payloads": 3, "deliveries": 3, "versions": 2, "comparisons": 0}
    assert (Delivery.objects.count(), ObjectVersion.objects.count()) == (0, 1)


@pytest.mark.django_db
@pytest.mark.guarantee("D15")
def test_by_itself_a_deliverys_row_stays():
    old()

    prune_due(lambda: NOW)

    assert list(Delivery.objects.values_list("event_type", "payload")) == [("invoice.paid", None)] * 3


@pytest.mark.django_db
def test_zero_keeps_for_ever(settings):
    old()
    settings.KEEP_PAYLOADS_DAYS = settings.KEEP_VERSIONS_DAYS = settings.KEEP_DELIVERIES_DAYS = 0

    assert prune_due(lambda: NOW) == {"comparisons": 0}
    assert ObjectVersion.objects.count() == 3
    assert Delivery.objects.filter(payload__isnull=False).count() == 3


@pytest.mark.django_db
def test_it_stops_between_two_batches(monkeypatch):
    monkeypatch.setattr("finances.retention.deliveries.BATCH", 2)
    old(5)
    asked = iter([False, True, *[True] * 9])

    assert prune_due(lambda: NOW, stop=lambda: next(asked))["payloads"] == 2
    assert prune_due(lambda: NOW)["payloads"] == 3


def test_after_each_batch_it_rests_for_as_long_as_the_batch_took(monkeypatch):
    rests: list[float] = []
    clock = iter([0.0, 0.3, 1.0, 1.001, 2.0])
    monkeypatch.setattr(batches.time, "sleep", rests.append)
    monkeypatch.setattr(batches.time, "monotonic", lambda: next(clock))
    some = iter([5, 7, None])

    assert in_batches(lambda: next(some), stop=lambda: False) == 12
    assert rests == [0.3, batches.LEAST_PAUSE]


def much(count: int) -> None:
    times = dict.fromkeys(("created_at", "received_at", "processed_at"), FOUR_YEARS)
    Delivery.objects.bulk_create(
        Delivery(event_id=f"evt_{number}", event_type="x", state="processed", payload={"a": "b" * 2000}, **times)
        for number in range(count)
    )
    ObjectVersion.objects.bulk_create(
        ObjectVersion(object_id=f"cus_{number // 4}", ticket=number, seen_at=FOUR_YEARS, stripe_data={"a": "b" * 2000})
        for number in range(count)
    )


@pytest.mark.django_db(transaction=True)
def test_webhooks_do_not_wait_for_it(settings):
    """New ones, and one that Stripe delivers once more and that is about to go."""
    settings.KEEP_DELIVERIES_DAYS = 45
    much(4 * BATCH)
    waited: list[float] = []
    over = threading.Event()

    def deliver() -> None:
        number = 0
        while not over.is_set():
            number += 1
            body = json.dumps(event(f"evt_new_{number}" if number % 2 else f"evt_{number}")).encode()
            began = time.monotonic()
            take_in(body, signed(body), sender=Sender("127.0.0.1", {}), live=False, now=timezone.now())
            waited.append(time.monotonic() - began)
            time.sleep(0.002)
        connections.close_all()

    writer = threading.Thread(target=deliver)
    writer.start()
    removed = prune_due(lambda: NOW)
    over.set()
    writer.join()

    assert (removed["deliveries"], removed["versions"]) == (4 * BATCH, 3 * BATCH)
    assert removed["payloads"] >= 4 * BATCH  # one that is delivered again brings it again
    assert len(waited) > 10
    assert sorted(waited)[len(waited) // 2] < 0.25
    assert max(waited) < 2
    assert Delivery.objects.filter(event_id__startswith="evt_new").count() == (len(waited) + 1) // 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks the whole database")
@pytest.mark.django_db(transaction=True)
def test_what_somebody_else_holds_is_left_for_later_and_not_waited_for(settings):
    settings.KEEP_DELIVERIES_DAYS = 45
    much(8)
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Delivery.objects.filter(pk="evt_3").update(attempts=2)
            held.set()
            over.wait(20)
        connections.close_all()

    Delivery.objects.update(payload=None)
    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(20)
    removed = prune_due(lambda: NOW)["deliveries"]
    over.set()
    holder.join()

    assert removed == 7
    assert Delivery.objects.get().pk == "evt_3"
