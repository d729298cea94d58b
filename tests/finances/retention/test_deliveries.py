"""Payloads go after a time; what a delivery was, when it came and what became of it stay, unless it is told to go."""

from datetime import UTC, datetime, timedelta

import pytest

from finances.models import CatchUp, Delivery, Discount, Replay, ReplayedDelivery
from finances.retention.batches import BATCH
from finances.retention.deliveries import empty_payloads, remove_comparisons, remove_deliveries
from finances.webhooks import processing

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
BEFORE = NOW - timedelta(days=90)
OLD = NOW - timedelta(days=91)


def settled(event_id: str, *, at: datetime = OLD, state: str = "processed", **more) -> Delivery:
    fields = {"event_type": "customer.updated", "object_id": "cus_1", "object_type": "customer"}
    fields |= {"payload": {"data": {"object": {"email": "ada@analytical.example"}}}, "payload_hash": "ab" * 32}
    fields |= {"payload_bytes": 70, "created_at": at, "received_at": at, "processed_at": at, "state": state}
    return Delivery.objects.create(event_id=event_id, **fields | more)


def test_only_what_was_settled_long_enough_ago_loses_its_payload():
    settled("evt_processed")
    settled("evt_ignored", state="ignored")
    settled("evt_new", at=NOW - timedelta(days=89))
    settled("evt_quarantined", state="quarantined")
    settled("evt_waiting", state="waiting", processed_at=None)

    assert empty_payloads(BEFORE) == 2

    without = set(Delivery.objects.filter(payload__isnull=True).values_list("pk", flat=True))
    assert without == {"evt_processed", "evt_ignored"}
    assert empty_payloads(BEFORE) is None


def test_everything_but_the_payload_stays():
    settled("evt_1", arrivals=[{"at": OLD.isoformat(), "headers": {"User-Agent": "Stripe/1.0"}}])
    before = Delivery.objects.values().get()

    empty_payloads(BEFORE)

    assert Delivery.objects.values().get() == before | {"payload": None}


def many(count: int) -> None:
    Delivery.objects.bulk_create(
        Delivery(
            event_id=f"evt_{number}",
            event_type="x",
            state="processed",
            payload={},
            **dict.fromkeys(("created_at", "received_at", "processed_at"), OLD + timedelta(seconds=number)),
        )
        for number in range(count)
    )


def test_a_batch_is_of_the_oldest_and_takes_two_queries(django_assert_num_queries):
    many(BATCH + 20)

    with django_assert_num_queries(2):
        assert empty_payloads(BEFORE) == BATCH

    assert set(Delivery.objects.filter(payload__isnull=False).values_list("pk", flat=True)) == {
        f"evt_{number}" for number in range(BATCH, BATCH + 20)
    }


def test_whole_deliveries_go_where_that_is_asked_for_but_never_what_is_not_settled():
    gone = settled("evt_processed")
    settled("evt_ignored", state="ignored")
    settled("evt_new", at=NOW - timedelta(days=89))
    settled("evt_quarantined", state="quarantined")
    settled("evt_waiting", state="waiting", processed_at=None)
    replay = Replay.objects.create(asked_at=OLD)
    ReplayedDelivery.objects.create(replay=replay, delivery=gone, state="processed")

    assert remove_deliveries(BEFORE) == 2
    assert remove_deliveries(BEFORE) is None

    left = set(Delivery.objects.values_list("pk", flat=True))
    assert left == {"evt_new", "evt_quarantined", "evt_waiting"}
    assert Replay.objects.get() == replay


def again(delivery: Delivery) -> str:
    """What becomes of it when it is processed once more."""
    Delivery.objects.filter(pk=delivery.pk).update(state="received", tries=0)
    processing.process_due(lambda: NOW)
    delivery.refresh_from_db()
    return delivery.state


def test_a_pruned_delivery_can_be_processed_again(stripe):
    customer = stripe.get("/v1/customers", limit=1)["data"][0]["id"]
    delivery = settled("evt_1", object_id=customer)
    empty_payloads(BEFORE)

    assert again(delivery) == "processed"


def test_a_pruned_discount_is_read_with_what_it_is_known_to_be_on(stripe):
    """Stripe has no address for a discount, and the payload that named its subscription is gone."""
    subscription = stripe.get("/v1/subscriptions", limit=1)["data"][0]
    on_it = {"customer_id": subscription["customer"], "subscription_id": subscription["id"]}
    Discount.objects.create(id="di_1", coupon_id="X", **on_it)
    delivery = settled("evt_1", object_id="di_1", object_type="discount", customer_id=subscription["customer"])
    empty_payloads(BEFORE)

    assert again(delivery) == "processed"
    assert delivery.outcome.startswith("Subscription new here")


def test_a_pruned_discount_that_is_not_here_is_read_with_its_customer(stripe):
    customer = stripe.get("/v1/customers", limit=1)["data"][0]["id"]
    delivery = settled("evt_1", object_id="di_1", object_type="discount", customer_id=customer)
    empty_payloads(BEFORE)

    assert again(delivery) == "processed"
    assert delivery.outcome.startswith("Customer new here")


def test_comparisons_that_found_nothing_go_after_a_week():
    def ended(at: datetime, **more) -> int:
        fields = {"cause": "schedule", "state": "complete", "since": at, "created_at": at, "finished_at": at}
        return CatchUp.objects.create(**fields | more).pk

    ended(OLD)
    found = ended(OLD, missed=1)
    asked = ended(OLD, cause="person")
    young = ended(NOW - timedelta(days=6))
    settled("evt_1", found_by_id=found)

    assert remove_comparisons(NOW) == 1
    assert remove_comparisons(NOW) is None
    assert set(CatchUp.objects.values_list("pk", flat=True)) == {found, asked, young}
    assert Delivery.objects.get().found_by_id == found
