"""Incidents: opened once, closed once, not on and off."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.models import Alert, CatchUp, Incident, OwnAccount, RefusedPosts
from finances.reads.sync_health import facts
from finances.watch.look import REST, look
from tests.factories import NOON, a_delivery

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(minutes=20)


def open_kinds() -> set[str]:
    return set(Incident.objects.filter(closed_at=None).values_list("kind", flat=True))


def a_failed_comparison(at, problem: str = "Stripe could not be reached.") -> CatchUp:
    return CatchUp.objects.create(
        state="failed", cause="schedule", since=NOON, created_at=at, finished_at=at, problem=problem
    )


def test_a_quiet_deployment_has_none():
    look(NOON)

    assert not Incident.objects.exists()


def test_what_is_wrong_is_one_incident_however_often_one_looks():
    a_delivery(state="received", received_at=NOON, processed_at=None)
    for minutes in range(20, 30):
        look(NOON + timedelta(minutes=minutes))

    incident = Incident.objects.get()
    assert (incident.kind, incident.opened_at, incident.closed_at) == ("lag", LATER, None)
    assert "29 min behind Stripe" in incident.sentence, "its sentence keeps up"


def test_it_ends_when_it_is_over_and_keeps_its_last_words():
    delivery = a_delivery(state="received", received_at=NOON, processed_at=None)
    look(LATER)
    delivery.state = "processed"
    delivery.save()

    look(LATER + timedelta(minutes=1))

    incident = Incident.objects.get()
    assert incident.closed_at == LATER + timedelta(minutes=1)
    assert "20 min behind Stripe" in incident.sentence


def test_what_begins_again_at_once_waits_for_its_rest():
    ended = Incident.objects.create(kind="quarantine", sentence="", opened_at=NOON, closed_at=LATER)
    a_delivery(state="quarantined", received_at=NOON)

    look(LATER + timedelta(minutes=1))
    assert open_kinds() == set()

    look(LATER + REST)
    assert open_kinds() == {"quarantine"}
    assert Incident.objects.count() == 2
    assert ended.pk != Incident.objects.get(closed_at=None).pk


@pytest.mark.guarantee("A11")
def test_what_is_put_aside_after_people_were_told_is_told_too_and_not_more_often_than_every_six_hours(settings):
    settings.ALERT_EMAILS = ["finance@example.com"]
    a_delivery(state="quarantined", received_at=NOON, processed_at=NOON - timedelta(minutes=1))
    look(NOON)
    a_delivery(state="quarantined", received_at=NOON, processed_at=NOON + timedelta(minutes=5))

    for hour in (1, 5, 6, 7, 11, 13, 24):
        look(NOON + timedelta(hours=hour))

    told = list(Alert.objects.order_by("pk").values_list("incident__opened_at", "moment"))
    assert told == [(NOON, "begin"), (NOON + timedelta(hours=6), "begin")]
    assert Incident.objects.get(closed_at=None).sentence == "2 events are in quarantine and need a person."
    assert open_kinds() == {"quarantine"}


def test_events_of_another_mode_and_of_another_account_are_seen_for_an_hour():
    OwnAccount.objects.create(account_id="acct_ours")
    a_delivery(state="ignored", livemode=True, received_at=NOON)
    a_delivery(state="ignored", account_id="acct_theirs", received_at=NOON)
    a_delivery(state="ignored", account_id="acct_ours", received_at=NOON)
    a_delivery(state="ignored", received_at=NOON)

    look(LATER)
    assert "1 of the other mode and 1 of another account" in Incident.objects.get(kind="wrong_mode").sentence

    look(NOON + timedelta(minutes=61))
    assert open_kinds() == set()


def test_a_secret_that_was_rotated_is_noticed_by_what_is_refused():
    for minute in range(5):
        RefusedPosts.objects.create(minute=NOON + timedelta(minutes=minute), reason="wrong signature", count=2)

    look(NOON + timedelta(minutes=6))
    assert open_kinds() == {"refused"}

    look(NOON + timedelta(minutes=25))
    assert open_kinds() == set()


def test_one_comparison_that_failed_is_a_blip_and_two_are_stripe():
    a_failed_comparison(NOON)
    look(NOON + timedelta(minutes=1))
    assert open_kinds() == set()

    a_failed_comparison(NOON + timedelta(minutes=6), "Stripe refuses the key in STRIPE_TEST_SECRET_KEY.")
    look(NOON + timedelta(minutes=7))
    assert "Stripe refuses the key" in Incident.objects.get(kind="stripe").sentence

    at = NOON + timedelta(minutes=12)
    CatchUp.objects.create(state="complete", cause="schedule", since=NOON, created_at=at, finished_at=at)
    look(NOON + timedelta(minutes=13))
    assert open_kinds() == set()


def test_of_two_that_saw_the_same_the_second_finds_it_open():
    Incident.objects.create(kind="quarantine", sentence="", opened_at=NOON)
    a_delivery(state="quarantined")

    look(LATER)

    assert Incident.objects.filter(kind="quarantine").count() == 1


def test_a_look_costs_no_more_however_much_there_is():
    counted = []
    for size in (3, 40):
        for _ in range(size):
            a_delivery()
        with CaptureQueriesContext(connection) as queries:
            facts(NOON)
        counted.append(len(queries))

    assert counted[0] == counted[1] <= 11
