"""A delivery says which object to read anew; what came of each try is recorded."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from djstripe import models as djstripe

from finances.models import Customer, Delivery, Replay, ReplayedDelivery
from finances.reads.freshness import lag
from finances.webhooks import claiming, processing
from finances.webhooks.outages import take_up_again
from finances.webhooks.tries import MOST_KEPT, this_worker
from tests.finances.webhooks.comparing import asked
from tests.finances.webhooks.processing import NOW, ada, arrive, process

pytestmark = pytest.mark.django_db


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


@pytest.mark.guarantee("A12")
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


@pytest.mark.guarantee("A12")
def test_a_plan_that_came_before_its_price_of_the_same_id_does_not_take_it_along(stripe):
    price = stripe.all("/v1/prices")[0]
    arrive(price["id"], event_id="evt_plan", object_type="plan")
    arrive(price["id"], event_id="evt_price", object_type="price", received_at=NOW + timedelta(milliseconds=1))

    process(NOW + timedelta(seconds=1))

    assert dict(Delivery.objects.values_list("event_id", "state")) == {"evt_plan": "ignored", "evt_price": "processed"}
    assert djstripe.Price.objects.filter(id=price["id"]).exists()


def test_what_came_in_an_hour_without_stripe_is_taken_up_when_it_answers_again(stripe, no_pauses):
    arrive(ada(stripe))
    stripe.faults(**{"500": 1.0})
    now = NOW
    while Delivery.objects.get().state != "quarantined":
        now += timedelta(minutes=1)
        process(now)
    assert Delivery.objects.get().reason.endswith("It is taken up by itself when Stripe answers again.")
    stripe.faults()
    process(now + timedelta(hours=2))
    assert Delivery.objects.get().state == "quarantined"

    asked(now + timedelta(hours=2))
    assert lag(now + timedelta(hours=2, seconds=5)).behind(now + timedelta(hours=2, seconds=5)) == timedelta(seconds=5)
    process(now + timedelta(hours=2))

    delivery = Delivery.objects.get(pk="evt_1")
    assert (delivery.state, delivery.tries, delivery.next_try_at) == ("processed", 1, None)


@pytest.mark.parametrize("varied", [min, max], ids=["all pauses short", "all pauses long"])
def test_what_came_a_second_after_stripe_fell_silent_needs_no_person(stripe, no_pauses, monkeypatch, varied):
    """The last that Stripe answered is as little before the first try as can be, and pauses vary by a fifth."""
    monkeypatch.setattr("random.uniform", varied)
    customer_id = ada(stripe)
    arrive(customer_id, event_id="evt_before")
    process()
    stripe.faults(**{"500": 1.0})
    now = NOW + timedelta(seconds=1)
    delivery = arrive(customer_id, received_at=now)
    while delivery.state != "quarantined":
        process(now)
        delivery.refresh_from_db()
        now = delivery.next_try_at or now

    assert delivery.reason.endswith("It is taken up by itself when Stripe answers again.")


def test_an_event_that_fails_while_stripe_answers_others_stays_put_aside(stripe, no_pauses):
    arrive("cus_bad", event_id="evt_bad")
    stripe.faults(**{"500": 1.0}, paths="/v1/customers/cus_bad")
    now = NOW
    while Delivery.objects.get(pk="evt_bad").state != "quarantined":
        now += timedelta(minutes=1)
        arrive(ada(stripe), event_id=f"evt_{now:%H%M}")
        process(now)

    asked(now)
    process(now)

    assert Delivery.objects.get(pk="evt_bad").state == "quarantined"


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
    assert (delivery.state, delivery.outcome) == ("processed", "Customer new here; 1 more came along.")
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


@pytest.mark.guarantee("A7")
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


@pytest.mark.guarantee("A7")
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
    assert claiming.claim_next(NOW)

    assert process(NOW + timedelta(seconds=10)) == 0
    assert process(NOW + timedelta(seconds=60)) == 1


@pytest.mark.guarantee("A7")
def test_a_delivery_that_kills_its_workers_is_quarantined_after_eight(stripe):
    arrive("cus_1")
    now = NOW
    for _ in range(8):
        assert claiming.claim_next(now).claims
        now += timedelta(minutes=1)

    process(now)

    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.tries) == ("quarantined", 8)
    assert delivery.reason == "8 workers ended while they processed it."
    assert [entry["error"] for entry in delivery.try_log] == ["Its worker ended in the midst of it."] * 8


@pytest.mark.guarantee("A7")
def test_one_that_kills_its_workers_stays_with_a_person_though_its_first_try_failed_in_an_ordinary_way(
    stripe, no_pauses
):
    """What an outage put aside is known by its next try; this one was never put aside."""
    arrive("cus_1")
    stripe.faults(**{"500": 1.0})
    process()
    now = NOW
    for _ in range(7):
        now += timedelta(minutes=1)
        assert claiming.claim_next(now).claims
    process(now + timedelta(minutes=1))

    assert take_up_again(now + timedelta(minutes=2)) == 0

    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.tries, delivery.next_try_at) == ("quarantined", 8, None)


def test_a_worker_that_was_overtaken_cannot_record_its_outcome(stripe):
    arrive(ada(stripe))
    slow = claiming.claim_next(NOW)
    claiming.claim_next(NOW + timedelta(seconds=60))

    processing.process(slow, lambda: NOW + timedelta(seconds=61))

    assert Delivery.objects.get().state == "processing"


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_claims_each_object(stripe):
    for number in range(30):
        arrive(f"cus_{number % 10}", event_id=f"evt_{number:02}")
    claimed, lock = [], threading.Lock()

    def work() -> None:
        while claim := claiming.claim_next(timezone.now()):
            with lock:
                claimed.extend(claim.claims)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed) == [f"evt_{number:02}" for number in range(30)]


def test_each_try_is_kept_with_its_time_its_calls_and_its_error(stripe, no_pauses):
    customer_id = ada(stripe)
    arrive(customer_id)
    stripe.faults(**{"500": 1.0})
    process()
    stripe.faults()
    ticks = iter(range(100))

    processing.process_due(lambda: NOW + timedelta(minutes=1, seconds=next(ticks)))

    failed, went = Delivery.objects.get().try_log
    assert failed.pop("detail").startswith("500 req_")
    assert failed == {
        "at": NOW.isoformat(),
        "worker": this_worker(),
        "ms": 0,
        "calls": 2,
        "error": "Stripe answered with an error of its own, through several tries.",
    }
    assert (went["at"], went["ms"]) == ((NOW + timedelta(minutes=1)).isoformat(), 2000)
    assert (went["calls"], went["error"]) == (3, "")  # the customer, the account, the payment method


def test_the_latest_fifty_tries_are_kept(stripe):
    arrive("tr_1", object_type="transfer", try_log=[{"at": f"{number}"} for number in range(MOST_KEPT)])

    process()

    log = Delivery.objects.get().try_log
    assert [entry["at"] for entry in log] == [*(f"{number}" for number in range(1, MOST_KEPT)), NOW.isoformat()]


def test_what_is_tried_again_at_once_does_not_come_back_at_once(stripe, no_pauses):
    for number in range(5):
        arrive(f"cus_{number}", event_id=f"evt_{number}")
    stripe.faults(**{"500": 1.0})

    process()

    assert len(set(Delivery.objects.values_list("next_try_at", flat=True))) == 5


def test_an_event_of_an_unchanged_object_costs_few_statements(stripe, django_assert_num_queries):
    customer_id = ada(stripe)
    arrive(customer_id)
    process()
    arrive(customer_id, event_id="evt_2")

    # Five to claim, eight to read, compare and settle, three to see that nothing is left.
    with django_assert_num_queries(16):
        process()


def test_what_a_replay_waits_for_is_noted_with_the_outcome(stripe, no_pauses):
    replay = Replay.objects.create(asked_at=NOW)
    for delivery in (
        arrive(ada(stripe), event_id="evt_went", replay=replay),
        arrive("cus_1", event_id="evt_died", replay=replay, state="processing", tries=8, lease_until=NOW),
    ):
        ReplayedDelivery.objects.create(replay=replay, delivery=delivery)

    process(NOW + timedelta(minutes=1))

    results = {row.delivery_id: (row.state, row.result) for row in ReplayedDelivery.objects.all()}
    assert results["evt_went"] == ("processed", Delivery.objects.get(pk="evt_went").outcome)
    assert results["evt_died"] == ("quarantined", Delivery.objects.get(pk="evt_died").reason)


def test_a_try_that_failed_keeps_http_s_status_and_stripes_request(stripe, no_pauses):
    arrive("cus_1")
    stripe.faults(**{"429": 1.0})

    process()

    (entry,) = Delivery.objects.get().try_log
    assert re.fullmatch(r"429( [a-z_]+)? req_[A-Za-z0-9]+", entry["detail"])
    assert "429" not in entry["error"]
