"""A delivery says which object to read anew; whatever the order, the tables end with Stripe's state."""

import os
import random
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone
from djstripe import models as djstripe

from finances.models import Customer, Delivery, ObjectVersion
from finances.webhooks import processing

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def ada(stripe) -> str:
    return next(it["id"] for it in stripe.all("/v1/customers") if it["name"] == "Ada Lovelace")


def arrive(object_id: str, *, event_id: str = "evt_1", object_type: str = "customer", **more) -> Delivery:
    fields = {"state": "received", "created_at": NOW, "received_at": NOW, "payload": {}} | more
    return Delivery.objects.create(
        event_id=event_id, object_id=object_id, object_type=object_type, event_type="x", **fields
    )


def process(now: datetime = NOW) -> int:
    return processing.process_due(lambda: now)


def test_the_object_is_read_from_stripe_not_from_the_payload(stripe):
    customer_id = ada(stripe)
    stripe.patch(customer_id, name="Ada King")
    arrive(customer_id, payload={"data": {"object": {"name": "an older name"}}})

    process()

    delivery = Delivery.objects.get()
    assert Customer.objects.get(id=customer_id).name == "Ada King"
    assert (delivery.state, delivery.tries, delivery.processed_at) == ("processed", 1, NOW)
    assert delivery.outcome.startswith("Customer new here")


def test_all_that_is_pending_for_one_object_costs_one_read(stripe):
    customer_id = ada(stripe)
    for number in range(20):
        arrive(customer_id, event_id=f"evt_{number}")
    stripe.forget_calls()

    assert process() == 20

    assert stripe.calls()["GET /v1/customers/{id}"] == 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {"processed"}


def test_an_event_of_another_api_version_is_processed_by_its_id(stripe):
    arrive(ada(stripe), api_version="2020-08-27")

    process()

    assert Delivery.objects.get().state == "processed"
    assert "invoice_settings" in djstripe.Customer.objects.get(id=ada(stripe)).stripe_data


def test_a_deleted_customer_is_marked_and_nothing_is_sent_to_stripe(stripe):
    customer_id = ada(stripe)
    arrive(customer_id)
    process()
    stripe.delete(customer_id)
    stripe.forget_calls()
    arrive(customer_id, event_id="evt_2")

    process()

    assert Customer.objects.get(id=customer_id).deleted_at == NOW
    assert all(call.startswith("GET ") for call in stripe.calls())


def test_a_type_that_is_not_kept_is_ignored_and_says_so(stripe):
    arrive("tr_1", object_type="transfer")

    process()

    assert (Delivery.objects.get().state, Delivery.objects.get().outcome) == (
        "ignored",
        "Paydesk keeps no transfers.",
    )


def test_a_discount_has_no_address_so_what_it_is_on_is_read(stripe):
    customer_id = ada(stripe)
    discount = {"id": "di_1", "object": "discount", "customer": customer_id, "subscription": None}
    delivery = arrive("di_1", object_type="discount", payload={"data": {"object": discount}})

    process()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.outcome) == ("processed", "Customer new here; 1 more came along. 3 calls.")
    assert Customer.objects.filter(id=customer_id).exists()


@pytest.mark.parametrize("payload", [{}, {"data": None}, {"data": {"object": {"customer": {"id": None}}}}])
def test_a_discount_that_does_not_say_what_it_is_on_is_ignored(stripe, payload):
    arrive("di_1", object_type="discount", payload=payload)

    process()

    assert Delivery.objects.get().state == "ignored"


def test_an_object_without_an_address_of_its_own_is_ignored_and_says_so(stripe):
    arrive("cbtxn_1", object_type="customer_balance_transaction")

    process()

    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.tries) == ("ignored", 1)
    assert "resync" in delivery.outcome


def test_an_object_without_an_id_is_ignored_and_says_so(stripe):
    arrive("", object_type="invoice")

    process()

    assert Delivery.objects.get().outcome == "The invoice in it has no id to read it by."


def test_a_failure_is_tried_again_after_growing_pauses_and_then_quarantined(settings, stripe, no_pauses):
    arrive("cus_1")
    stripe.faults(**{"500": 1.0})
    now, pauses = NOW, []
    for _ in range(7):
        process(now)
        delivery = Delivery.objects.get()
        assert delivery.state == "waiting"
        pauses.append((delivery.next_try_at - now).total_seconds())
        assert process(delivery.next_try_at - timedelta(seconds=1)) == 0
        now = delivery.next_try_at

    process(now)

    delivery = Delivery.objects.get()
    assert pauses == sorted(pauses)
    assert (delivery.state, delivery.tries) == ("quarantined", 8)
    assert delivery.reason.startswith("Stripe answered with an error of its own")


def test_one_object_that_fails_does_not_hold_up_another(stripe, no_pauses, monkeypatch):
    customer_id = ada(stripe)
    arrive("cus_bent", event_id="evt_1")
    arrive(customer_id, event_id="evt_2", received_at=NOW + timedelta(seconds=1))
    stripe.put({"id": "cus_bent", "object": "customer", "created": "no time at all", "livemode": False})

    process()

    states = dict(Delivery.objects.values_list("event_id", "state"))
    assert states == {"evt_1": "waiting", "evt_2": "processed"}


def test_a_worker_that_died_is_overtaken_when_its_lease_ends(stripe):
    arrive(ada(stripe))
    assert processing.claim_next(NOW)

    assert process(NOW + timedelta(seconds=10)) == 0
    assert process(NOW + timedelta(seconds=60)) == 1


def test_a_delivery_that_kills_its_workers_is_quarantined_after_eight(stripe):
    arrive("cus_1")
    now = NOW
    for _ in range(8):
        assert processing.claim_next(now).claims
        now += timedelta(minutes=1)

    process(now)

    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.tries) == ("quarantined", 8)
    assert delivery.reason == "8 workers ended while they processed it."


def test_a_worker_that_was_overtaken_cannot_record_its_outcome(stripe):
    arrive(ada(stripe))
    slow = processing.claim_next(NOW)
    processing.claim_next(NOW + timedelta(seconds=60))

    processing.process(slow, lambda: NOW + timedelta(seconds=61))

    assert Delivery.objects.get().state == "processing"


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_claims_each_object(stripe):
    for number in range(30):
        arrive(f"cus_{number % 10}", event_id=f"evt_{number:02}")
    claimed, lock = [], threading.Lock()

    def work() -> None:
        while claim := processing.claim_next(timezone.now()):
            with lock:
                claimed.extend(claim.claims)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed) == [f"evt_{number:02}" for number in range(30)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(2000 if os.environ.get("PAYDESK_TEST_FULL") else 5))
def test_whatever_the_order_duplicates_and_losses_the_tables_end_with_stripes_state(stripe, seed):
    """Only the last event of each object always arrives; the rest is shuffled, doubled or lost."""
    chance = random.Random(seed)
    ids = [it["id"] for it in stripe.all("/v1/customers")[:4]]
    history = []
    for step in range(24):
        object_id = chance.choice(ids)
        if "deleted" not in stripe.state(object_id):
            deleted = step > 15 and chance.random() < 0.2
            stripe.delete(object_id) if deleted else stripe.patch(object_id, name=f"name {step}")
            history.append((object_id, f"evt_{step}"))
        if chance.random() < 0.6:
            for object_id, event_id in chance.sample(history, k=min(3, len(history))):
                Delivery.objects.filter(event_id=event_id).exists() or arrive(object_id, event_id=event_id)
            work_in_parallel(2)
    for object_id in ids:
        arrive(object_id, event_id=f"evt_last_{object_id}")
    work_in_parallel(3)

    for object_id in ids:
        truth, row = stripe.state(object_id), Customer.objects.get(id=object_id)
        if truth.get("deleted"):
            assert row.deleted_at, f"seed {seed}: {object_id}"
        else:
            assert (row.name, row.deleted_at) == (truth["name"], None), f"seed {seed}: {object_id}"
            assert djstripe.Customer.objects.get(id=object_id).stripe_data == stripe.get(f"/v1/customers/{object_id}")
    assert ObjectVersion.objects.exists()


def work_in_parallel(workers: int) -> None:
    def work() -> None:
        processing.process_due(timezone.now)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
