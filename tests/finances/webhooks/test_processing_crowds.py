"""Very many objects at once: pages of a list where they help, each object's own word where they do not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from finances import worker
from finances.models import Customer, Delivery, ObjectState
from finances.reads.backlog import backlog
from finances.webhooks import claiming, processing
from finances.webhooks.list_pages import Crowd
from tests.finances.webhooks.processing import NOW, ada, arrive, arrive_for, process

pytestmark = pytest.mark.django_db

BORN = 1_795_500_000


def customers(stripe, many: int, *, at=lambda number: BORN + number, **more) -> list[dict]:
    """New ones at the local Stripe, oldest first."""
    like = stripe.state(ada(stripe))
    plain = {"default_source": None, "invoice_settings": like["invoice_settings"] | {"default_payment_method": None}}
    return [
        stripe.put(like | plain | {"id": f"cus_{number:04}", "created": at(number), "name": f"name {number}"} | more)
        for number in range(many)
    ]


def states() -> set[str]:
    return set(Delivery.objects.values_list("state", flat=True))


def crowd(clock=lambda: NOW, stop=lambda: False) -> tuple[int, bool]:
    return Crowd(claiming.claim_crowd(clock(), "customer"), clock, stop).work_off()


@pytest.mark.guarantee("A1")
def test_a_burst_of_600_objects_is_drained_by_20_calls(stripe):
    arrive_for(customers(stripe, 600))
    stripe.forget_calls()

    worker.drain()

    calls = sum(stripe.calls().values())
    assert states() == {"processed"}
    assert Customer.objects.filter(id__startswith="cus_0").count() == 600
    assert calls <= 20  # ten singles before it is seen, six pages, the account; one by one it would be 600


@pytest.mark.guarantee("A1", "A7")
def test_nothing_of_a_burst_is_lost_when_stripe_refuses_a_part_of_the_calls(stripe, no_pauses):
    made = customers(stripe, 300)
    arrive_for(made)
    stripe.faults(**{"429": 0.2, "500": 0.2})
    now = timezone.now()

    for _ in range(claiming.MOST_TRIES):
        process(now)
        now += timedelta(hours=2)

    assert states() == {"processed"}
    assert set(Customer.objects.values_list("name", flat=True)) >= {it["name"] for it in made}


def test_few_objects_are_read_one_by_one(stripe):
    arrive_for(customers(stripe, 40))
    stripe.forget_calls()

    process()

    assert "GET /v1/customers" not in stripe.calls()


def test_a_page_ends_in_the_midst_of_a_second_and_the_next_one_goes_on_there(stripe):
    arrive_for(customers(stripe, 250, at=lambda number: BORN))
    stripe.forget_calls()

    assert crowd() == (250, True)

    assert states() == {"processed"}
    assert stripe.calls()["GET /v1/customers"] == 3
    assert "GET /v1/customers/{id}" not in stripe.calls()


def test_an_object_that_its_page_passed_by_is_asked_for_itself(stripe):
    made = customers(stripe, 60)
    arrive_for(made)
    stripe.delete(made[30]["id"])
    stripe.forget_calls()

    crowd()

    assert states() == {"processed"}
    assert stripe.calls()["GET /v1/customers/{id}"] == 1
    assert ObjectState.objects.get(object_id=made[30]["id"]).deleted_at
    assert not ObjectState.objects.filter(object_id=made[29]["id"], deleted_at__isnull=False).exists()


def test_a_page_that_lost_an_object_on_its_way_deletes_nothing(stripe):
    arrive_for(customers(stripe, 60))
    stripe.faults(drop_one=1.0, paths="/v1/customers")

    crowd()

    assert states() == {"processed"}
    assert not ObjectState.objects.filter(deleted_at__isnull=False).exists()


@pytest.mark.guarantee("A7")
def test_one_bent_object_on_a_page_does_not_hold_up_the_others(stripe):
    made = customers(stripe, 60)
    stripe.patch(made[20]["id"], balance="no amount at all")
    arrive_for(made)

    crowd()

    assert Delivery.objects.filter(state="processed").count() == 59
    waiting = Delivery.objects.exclude(state="processed").get()
    assert (waiting.state, waiting.object_id) == ("waiting", made[20]["id"])
    assert waiting.try_log[0]["error"].startswith("Its balance is not a whole number.")


def test_a_delivery_that_came_after_the_claim_is_not_settled_by_it(stripe):
    made = customers(stripe, 60)
    arrive_for(made)
    claimed = claiming.claim_crowd(NOW, "customer")
    arrive(made[0]["id"], event_id="evt_later")

    Crowd(claimed, lambda: NOW, lambda: False).work_off()

    assert Delivery.objects.get(state="received").pk == "evt_later"


def test_objects_that_are_far_apart_are_left_to_be_read_one_by_one(stripe, monkeypatch):
    made = customers(stripe, 500)
    arrive_for(made[::110])
    monkeypatch.setattr(claiming, "CROWD", 0.1)

    worked, went = crowd()

    assert (worked, went) == (3, False)
    assert Delivery.objects.filter(state="received", tries=0, lease_until=None).count() == 2


def test_who_is_asked_to_stop_hands_back_what_is_not_done(stripe):
    arrive_for(customers(stripe, 150))
    asked = iter([False, False, False])

    worked, _ = crowd(stop=lambda: next(asked, True))

    left = Delivery.objects.filter(state="received", tries=0, lease_until=None)
    assert 0 < worked < 150
    assert left.count() == 150 - worked


def test_a_list_that_stripe_refuses_costs_no_delivery_a_try(stripe, no_pauses):
    arrive_for(customers(stripe, 60))
    stripe.faults(**{"500": 1.0}, paths="/v1/customers")

    assert crowd() == (0, False)

    assert set(Delivery.objects.values_list("state", "tries")) == {("received", 0)}


def test_a_burst_of_one_type_does_not_keep_another_waiting(stripe):
    for number in range(40):
        arrive(f"pm_{number}", event_id=f"evt_{number}", object_type="payment_method")
    arrive(ada(stripe), event_id="evt_last", received_at=NOW + timedelta(seconds=1))
    ticks = iter(range(10_000))

    processing.process_due(lambda: NOW + timedelta(minutes=1, milliseconds=next(ticks)))

    order = list(Delivery.objects.order_by("processed_at").values_list("pk", flat=True))
    assert order.index("evt_last") == processing.A_TURN


@pytest.mark.guarantee("A1")
def test_the_backlog_says_how_much_is_pending_and_when_it_will_be_gone(django_assert_num_queries):
    for number in range(9):
        arrive(f"cus_{number}", event_id=f"evt_{number}", received_at=NOW - timedelta(seconds=number))
    arrive("cus_w", event_id="evt_w", state="waiting", next_try_at=NOW + timedelta(minutes=1))
    for number in range(30):
        done = {"state": "processed", "tries": 1, "processed_at": NOW - timedelta(seconds=number)}
        arrive("cus_d", event_id=f"evt_d{number}", **done)
    arrive("cus_i", event_id="evt_i", state="ignored", processed_at=NOW)

    with django_assert_num_queries(2):
        now = backlog(NOW)

    assert (now.pending, now.waiting, now.more) == (10, 1, False)
    assert now.oldest == NOW - timedelta(seconds=8)
    assert (now.rate, now.gone_in) == (0.5, timedelta(seconds=18))


def test_nobody_can_say_when_a_backlog_will_be_gone_that_nobody_works_on():
    assert backlog(NOW).gone_in == timedelta(0)

    arrive("cus_1")

    assert backlog(NOW).gone_in is None


def test_an_object_that_ends_its_workers_does_not_take_its_crowd_into_quarantine(stripe):
    arrive_for(customers(stripe, 60))
    now = NOW
    for _ in range(8):
        claiming.claim_crowd(now, "customer")  # and the worker ends
        now += timedelta(minutes=1)

    process(now)

    assert set(Delivery.objects.values_list("state", flat=True)) == {"processed"}
