"""Deliveries are put back a page at a time and processed anew; each result stands in the replay, to its end."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections

from finances.models import AuditEntry, Customer, Delivery, OwnAccount, Replay, ReplayedDelivery
from finances.reads import webhooks
from finances.reads.webhooks import Conditions, deliveries_matching
from finances.webhooks import processing, replay
from tests.factories import NOON, a_customer, a_delivery

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=1)


def ask(conditions: Conditions, **more) -> Replay:
    return replay.request_replay(conditions, now=LATER, **more)


def spread(now=LATER) -> int:
    return replay.spread_due(lambda: now)


def die(*args, **kwargs) -> None:
    raise SystemExit


def settle(event_id: str, state: str = "processed", **fields) -> None:
    Delivery.objects.filter(pk=event_id).update(state=state, processed_at=LATER, **fields)


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(replay, "PAGE", 2)


def test_who_asked_for_what_is_kept_in_the_audit_trail(admin):
    for _ in range(3):
        a_delivery(state="quarantined", object_id="in_1")

    asked = ask(Conditions(state="quarantined"), by=admin, reason="Ticket 48213")

    entry = AuditEntry.objects.get(action="paydesk.replay.requested")
    assert (entry.actor, entry.actor_name) == (admin, admin.username)
    assert entry.detail == {"replay": str(asked.pk), "conditions": {"state": "quarantined"}, "estimate": 3}
    assert entry.personal.body == {"reason": "Ticket 48213"}
    assert (asked.state, asked.estimate, asked.total) == ("queued", 3, 0)


@pytest.mark.guarantee("D14")
def test_a_customers_name_is_kept_in_neither_the_replay_nor_the_trail():
    customer = a_customer(name="Nordlicht Verlag", search_text="nordlicht verlag")
    a_delivery(customer_id=customer.pk)

    asked = ask(Conditions(about="Nordlicht"))

    assert asked.conditions == {"customers": [customer.pk]}
    assert "ordlicht" not in str(AuditEntry.objects.get().detail)


def test_all_events_about_an_object_are_replayed_by_an_id_that_somebody_chose():
    for event_id, object_id in (("evt_1", "AUTUMN"), ("evt_2", "AUTUMN"), ("evt_3", "autumn")):
        a_delivery(event_id=event_id, object_id=object_id, object_type="coupon")

    asked = ask(Conditions(about="AUTUMN"))
    spread()

    assert asked.conditions == {"object_id": "AUTUMN"}
    assert set(Delivery.objects.filter(replay=asked).values_list("pk", flat=True)) == {"evt_1", "evt_2"}


def test_words_that_mean_nobody_replay_nothing():
    a_delivery(state="quarantined")

    asked = ask(Conditions(about="nobody of this name"))
    spread()

    asked.refresh_from_db()
    assert (asked.total, asked.state) == (0, "complete")


@pytest.mark.guarantee("A7")
@pytest.mark.parametrize("state", ["processed", "ignored", "quarantined", "waiting"])
def test_what_is_settled_or_waits_goes_back_with_all_its_tries(state):
    row = a_delivery(state=state, tries=8, reason="Stripe answered 429.", next_try_at=LATER + timedelta(hours=1))
    asked = ask(Conditions(event_id=row.pk))

    spread()

    row.refresh_from_db()
    assert (row.state, row.tries, row.reason, row.next_try_at) == ("received", 0, "", None)
    assert row.replay == asked
    assert ReplayedDelivery.objects.filter(replay=asked, delivery=row, state="").exists()


@pytest.mark.guarantee("A11")
@pytest.mark.parametrize(
    "fields",
    [
        {"state": "received"},
        {"state": "processing", "claim": 3},
        {"state": "ignored", "livemode": True},
        {"state": "ignored", "account_id": "acct_another"},
    ],
)
def test_what_is_on_its_way_or_may_have_no_effect_here_is_skipped(fields):
    OwnAccount.objects.create(id=1, account_id="acct_ours")
    row = a_delivery(**fields)
    other = a_delivery(account_id="acct_ours")
    asked = ask(Conditions(type="invoice.*"))

    spread()

    row.refresh_from_db()
    asked.refresh_from_db()
    assert (row.state, row.claim, row.replay) == (fields["state"], fields.get("claim", 0), None)
    assert (asked.total, asked.skipped) == (1, 1)
    assert list(asked.results.values_list("delivery_id", flat=True)) == [other.pk]


def test_what_was_asked_for_is_what_was_put_back_and_what_was_skipped():
    """Of six that matched one is of the other mode, one under way, one processed since, and one is gone."""
    a_delivery(event_id="evt_live", livemode=True)
    back = [a_delivery(event_id="evt_1"), a_delivery(event_id="evt_2", state="waiting", processed_at=None)]
    a_delivery(event_id="evt_3", state="received", processed_at=None)
    a_delivery(event_id="evt_4", state="waiting", processed_at=None)
    a_delivery(event_id="evt_5")
    asked = ask(Conditions(type="invoice.*"))
    Delivery.objects.filter(pk="evt_4").update(state="processed", processed_at=LATER + timedelta(seconds=1))
    Delivery.objects.filter(pk="evt_5").delete()

    spread(LATER + timedelta(seconds=2))

    asked.refresh_from_db()
    assert (asked.estimate, asked.total, asked.skipped) == (6, 2, 4)
    assert set(asked.results.values_list("delivery_id", flat=True)) == {row.pk for row in back}


@pytest.mark.parametrize("state", ["quarantined", "processed"])
def test_what_comes_to_match_after_it_was_asked_for_is_not_drawn_in(state):
    a_delivery(event_id="evt_1", state=state)
    late = a_delivery(event_id="evt_2", state="processing", processed_at=None)
    asked = ask(Conditions(state=state))
    Delivery.objects.filter(pk=late.pk).update(state=state, processed_at=LATER + timedelta(seconds=1))

    spread(LATER + timedelta(seconds=2))

    asked.refresh_from_db()
    late.refresh_from_db()
    assert (asked.estimate, asked.total, asked.skipped) == (1, 1, 0)
    assert late.state == state


def test_words_that_mean_more_customers_than_it_can_hold_are_refused(monkeypatch):
    monkeypatch.setattr(webhooks, "MOST_CUSTOMERS", 2)
    for _ in range(3):
        a_delivery(customer_id=a_customer(name="Nordlicht").pk)

    for conditions in (Conditions(about="Nordlicht"), Conditions(about="Nordlicht").resolved()):
        with pytest.raises(replay.TooManyCustomers, match="mean more than"):
            ask(conditions)

    assert not Replay.objects.exists()
    assert not AuditEntry.objects.exists()


def test_what_came_after_it_was_asked_for_is_not_drawn_in():
    asked = ask(Conditions(type="invoice.*"))
    a_delivery(received_at=LATER + timedelta(seconds=1))

    spread()

    assert not asked.results.exists()


@pytest.mark.guarantee("A6")
def test_a_worker_that_dies_in_a_page_leaves_the_whole_page_to_the_next_one(small_pages, monkeypatch):
    rows = [a_delivery(event_id=f"evt_{number}") for number in range(5)]
    asked = ask(Conditions(type="invoice.*"))
    spread()
    for row in rows[:2]:
        settle(row.pk)
        replay.note_results([row.pk], "processed", "done", LATER)
    with monkeypatch.context() as dying:
        dying.setattr(ReplayedDelivery.objects, "bulk_create", die)
        with pytest.raises(SystemExit):
            spread()
    assert list(Delivery.objects.filter(state="received")) == []

    for _ in range(3):
        spread()
        for row in Delivery.objects.filter(state="received"):
            settle(row.pk)
            replay.note_results([row.pk], "processed", "done", LATER)
    spread()

    asked.refresh_from_db()
    assert (asked.state, asked.total, asked.skipped, asked.place) == ("complete", 5, 0, "evt_4")
    assert sorted(asked.results.values_list("delivery_id", flat=True)) == [row.pk for row in rows]


def test_a_page_is_through_before_the_next_one_comes(small_pages):
    for number in range(5):
        a_delivery(event_id=f"evt_{number}")
    asked = ask(Conditions(type="invoice.*"))

    spread()
    spread()

    asked.refresh_from_db()
    assert (asked.total, asked.spread, asked.state) == (2, False, "running")
    assert Delivery.objects.filter(state="received").count() == 2


def test_deliveries_that_wait_for_a_later_try_do_not_hold_up_the_rest(small_pages):
    for number in range(3):
        a_delivery(event_id=f"evt_{number}")
    asked = ask(Conditions(type="invoice.*"))
    spread()

    Delivery.objects.filter(state="received").update(state="waiting", next_try_at=LATER + timedelta(hours=1))
    spread()

    asked.refresh_from_db()
    assert (asked.total, asked.spread) == (3, True)


def test_it_ends_partial_when_some_were_put_aside_again_with_an_audit_row():
    good, bad = a_delivery(), a_delivery()
    asked = ask(Conditions(type="invoice.*"))
    spread()
    replay.note_results([good.pk], "processed", "Invoice unchanged.", LATER)
    assert Replay.objects.get().state == "running"

    replay.note_results([bad.pk], "quarantined", "Stripe has no such invoice.", LATER)
    spread(LATER + timedelta(minutes=2))

    asked.refresh_from_db()
    assert (asked.state, asked.finished_at) == ("partial", LATER + timedelta(minutes=2))
    end = AuditEntry.objects.get(action="paydesk.replay.partial")
    assert end.detail == {"replay": str(asked.pk), "deliveries": 2, "skipped": 0, "quarantined": 1}


def test_a_result_that_nobody_noted_is_found_on_the_delivery_itself():
    row = a_delivery()
    asked = ask(Conditions(event_id=row.pk))
    spread()
    settle(row.pk, "quarantined", reason="8 workers ended while they processed it.")

    spread()

    result = asked.results.get()
    assert (result.state, result.result) == ("quarantined", "8 workers ended while they processed it.")
    assert Replay.objects.get().state == "partial"


def test_a_second_replay_of_what_is_on_its_way_skips_it_and_one_that_waits_serves_both():
    row = a_delivery()
    first = ask(Conditions(event_id=row.pk))
    spread()
    second = ask(Conditions(event_id=row.pk))
    spread()
    second.refresh_from_db()
    assert (second.total, second.skipped, second.state) == (0, 1, "complete")

    Delivery.objects.update(state="waiting", next_try_at=LATER + timedelta(hours=1), tries=3)
    third = ask(Conditions(event_id=row.pk))
    spread()
    row.refresh_from_db()
    assert (row.state, row.tries) == ("received", 0)

    replay.note_results([row.pk], "processed", "done", LATER)
    spread()

    assert set(Replay.objects.filter(pk__in=(first.pk, third.pk)).values_list("state", flat=True)) == {"complete"}


def test_a_delivery_whose_payload_was_pruned_is_read_anew_all_the_same(stripe):
    customer_id = next(it["id"] for it in stripe.all("/v1/customers") if it["name"] == "Ada Lovelace")
    row = a_delivery(
        event_type="customer.updated",
        object_id=customer_id,
        object_type="customer",
        payload=None,
        payload_hash="ab" * 32,
        state="quarantined",
        tries=8,
    )
    asked = ask(Conditions(event_id=row.pk))

    spread()
    processing.process_due(lambda: LATER)
    spread()

    row.refresh_from_db()
    asked.refresh_from_db()
    assert (row.state, row.tries, row.payload) == ("processed", 1, None)
    assert Customer.objects.get(pk=customer_id).name == "Ada Lovelace"
    assert (asked.state, asked.results.get().state) == ("complete", "processed")
    assert asked.results.get().result.startswith("Customer new here")


def test_what_an_event_did_first_stays_when_it_is_processed_again(stripe):
    customer_id = next(it["id"] for it in stripe.all("/v1/customers") if it["name"] == "Ada Lovelace")
    row = a_delivery(object_id=customer_id, object_type="customer", state="received", processed_at=None)
    processing.process_due(lambda: LATER)
    row.refresh_from_db()
    first = row.outcome
    ask(Conditions(event_id=row.pk))

    spread()
    row.refresh_from_db()
    assert (row.outcome, row.try_log[0]["outcome"]) == ("", first)
    assert first.startswith("Customer new here")
    processing.process_due(lambda: LATER)

    row.refresh_from_db()
    assert [entry["outcome"] for entry in row.try_log] == [first, row.outcome]
    assert row.outcome.startswith("Customer unchanged")


def test_an_estimate_counts_what_may_have_an_effect_and_the_objects_that_are_read():
    for number in range(40):
        a_delivery(object_id=f"in_{number % 31}")
    a_delivery(object_id="in_live", livemode=True)

    found = replay.estimate(Conditions(type="invoice.*"), LATER)

    assert (found.events, found.objects, found.calls, found.more) == (40, 31, 31, False)
    assert found.left_out == 1
    assert found.events + found.left_out == deliveries_matching(Conditions(type="invoice.*")).count()
    assert found.takes == timedelta(seconds=3)  # at 15 calls a second


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_each_delivery_is_put_back_by_one(small_pages):
    for number in range(12):
        a_delivery(event_id=f"evt_{number:02}", object_id=f"in_{number}")
    asked = ask(Conditions(type="invoice.*"))
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(30):
                replay.spread_due(lambda: LATER)
                for row in Delivery.objects.filter(state="received"):
                    settle(row.pk)
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3 if connection.vendor == "postgresql" else 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    asked.refresh_from_db()
    assert failures == []
    assert (asked.state, asked.total, asked.skipped) == ("complete", 12, 0)
    assert AuditEntry.objects.filter(action="paydesk.replay.complete").count() == 1
