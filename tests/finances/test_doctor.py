"""What doctor says of the sync: the same figures as the page and /readyz."""

from datetime import timedelta

import pytest
from django.db import connection

from finances import audit, doctor
from finances.audit import sealing
from finances.doctor import Finding, examine
from finances.models import Alert, CatchUp, DirtyDay, EventWatermark, Incident, RefusedPosts, ResyncRun, WorkerHeartbeat
from finances.totals import triggers
from tests.append_only import behind_its_back
from tests.factories import NOON, a_customer, a_delivery, an_invoice, seen

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _without_stripe(monkeypatch):
    """What it asks Stripe is tested with the command."""
    monkeypatch.setattr(doctor, "_stripe", lambda: iter(()))


def finding(subject: str, now=NOON) -> Finding:
    return next(each for each in examine(now) if each.subject == subject)


def test_lag_is_wrong_from_five_minutes_on():
    assert finding("Lag") == Finding("Lag", True, "in step with Stripe")
    a_delivery(state="received", received_at=NOON, processed_at=None)

    assert finding("Lag", NOON + timedelta(minutes=4)).ok
    assert finding("Lag", NOON + timedelta(minutes=7)) == Finding("Lag", False, "7 min behind Stripe")


def test_what_fails_and_is_tried_again_is_a_line_of_its_own_and_no_lag():
    assert not [each for each in examine(NOON) if each.subject == "Failing"]
    failing = {"state": "waiting", "processed_at": None, "next_try_at": NOON + timedelta(minutes=1)}
    a_delivery(received_at=NOON - timedelta(minutes=30), **failing)

    assert finding("Lag").ok
    assert finding("Failing") == Finding("Failing", None, "1 event fails and is tried again")
    a_delivery(**failing)
    assert finding("Failing").sentence == "2 events fail and are tried again"


def test_the_newest_webhook_is_one_that_stripe_delivered():
    a_delivery(received_at=NOON - timedelta(minutes=1), attempts=0)
    assert finding("Webhooks").sentence.startswith("none has arrived yet")

    a_delivery(received_at=NOON - timedelta(hours=3))
    assert finding("Webhooks").sentence == "the newest came 3 h ago"


def test_one_event_is_one():
    assert finding("Queue").sentence.endswith("nothing is due")
    a_delivery(state="quarantined")
    a_delivery(state="received", received_at=NOON - timedelta(seconds=7), processed_at=None)

    assert finding("Quarantine") == Finding("Quarantine", False, "1 event needs a person")
    assert finding("Queue").sentence.endswith("1 event is due, the oldest for 7 s")
    assert finding("Backlog").sentence == "1 event is not dealt with"


def test_the_backlog_and_when_it_will_be_gone():
    for _ in range(6):
        a_delivery(state="received", received_at=NOON - timedelta(seconds=5), processed_at=None)
    for _ in range(30):
        a_delivery(processed_at=NOON - timedelta(seconds=1), tries=1)

    assert finding("Backlog").sentence == "6 events are not dealt with, gone in about 12 s"


def test_delays_stand_against_the_target():
    came = NOON - timedelta(hours=2)
    a_delivery(created_at=came - timedelta(seconds=2), received_at=came, processed_at=came + timedelta(minutes=10))

    assert finding("Delay on the way") == Finding(
        "Delay on the way", True, "p50 2.0 s, p95 2.0 s in the last 24 h; the target is 30.0 s"
    )
    here = finding("Delay here")
    assert here.ok is None
    assert "p95 10 min" in here.sentence

    a_delivery(created_at=NOON - timedelta(seconds=9), received_at=NOON - timedelta(seconds=5), processed_at=NOON)

    assert finding("Delay here").sentence.startswith("p50 5.0 s, p95 5.0 s in the last hour, p50 5.0 s, p95 10 min in")


def test_the_last_comparison_is_wrong_once_the_next_is_overdue():
    assert finding("Comparison").ok is None
    CatchUp.objects.create(state="complete", cause="schedule", since=NOON, created_at=NOON, finished_at=NOON)
    EventWatermark.objects.create(at=NOON, compared_at=NOON)

    assert finding("Comparison", NOON + timedelta(minutes=4)).ok
    assert finding("Comparison", NOON + timedelta(minutes=12)) == Finding(
        "Comparison", False, "Stripe's list of events was compared 12 min ago"
    )


def test_an_open_incident_is_wrong_and_one_that_is_over_is_not():
    Incident.objects.create(kind="silence", sentence="No event for 3 h.", opened_at=NOON)
    Incident.objects.create(kind="lag", sentence="Behind.", opened_at=NOON, closed_at=NOON)

    incidents = [each for each in examine(NOON) if each.subject.startswith("Incident")]

    assert incidents == [Finding("Incident silence", False, "No event for 3 h.")]


def test_refused_posts_are_counted_by_reason():
    RefusedPosts.objects.create(minute=NOON - timedelta(hours=1), reason="wrong signature", count=3)
    a_delivery()

    assert finding("Refused posts").sentence == "3 wrong signature"


def test_alerts_say_to_whom_they_go_and_never_the_address(settings):
    assert finding("Alerts").ok is None

    settings.ALERT_EMAILS, settings.ALERT_CHAT = ["ops@example.test"], True
    assert finding("Alerts") == Finding("Alerts", True, "mail to 1, the chat")


def test_an_alert_that_did_not_go_is_wrong():
    incident = Incident.objects.create(kind="lag", sentence="", opened_at=NOON)
    Alert.objects.create(incident=incident, moment="begin", way="chat", next_try_at=NOON, problem="TooSlow")

    assert not finding("Alerts that did not go").ok


def test_an_audit_entry_in_no_seal_for_more_than_five_minutes_is_wrong():
    audit.record("paydesk.test.made", at=NOON, actor=None)

    assert finding("Audit entries", NOON + timedelta(minutes=4)).ok
    late = finding("Audit entries", NOON + timedelta(minutes=7))
    assert late == Finding("Audit entries", False, "1 in no seal, the oldest for 7 min: is a worker alive?")

    sealing.seal_due(lambda: NOON)
    assert finding("Audit entries", NOON + timedelta(minutes=7)) == Finding("Audit entries", True, "all are sealed")
    assert sealing.newest_seal().digest in finding("Newest seal of the audit trail").sentence


def test_an_audit_trail_that_can_be_changed_or_was_is_wrong():
    assert finding("Audit triggers") == Finding("Audit triggers", True, "all stand")
    assert finding("Audit verification").ok is None
    with behind_its_back(connection):
        assert not finding("Audit triggers").ok

    audit.record("paydesk.audit.broken", at=NOON, actor=None)
    assert finding("Audit verification") == Finding("Audit verification", False, "broken, 0 s ago")


def test_days_that_nobody_sums_are_wrong_after_five_minutes():
    assert finding("Daily totals") == Finding("Daily totals", True, "all summed")
    an_invoice(a_customer(), paid_at=NOON)
    DirtyDay.objects.update(marked_at=NOON)

    assert finding("Daily totals", NOON + timedelta(seconds=9)).ok
    late = finding("Daily totals", NOON + timedelta(minutes=6))
    assert not late.ok
    assert late.sentence.startswith("1 day changed and is not summed, the first for 6 min: figures are right and come")


def test_a_lost_trigger_of_the_daily_totals_is_named():
    assert not [each for each in examine(NOON) if each.subject == "Triggers of daily totals"]
    triggers.take_down("default")

    assert finding("Triggers of daily totals").sentence.startswith("21 are missing")
    triggers.put_up("default")


def test_what_is_kept_and_for_how_long_is_said(settings):
    settings.KEEP_VERSIONS_DAYS = 0

    assert finding("Kept") == Finding("Kept", None, "payloads 90 days, earlier states for ever, webhooks for ever")


def test_a_night_without_a_sample_is_wrong_while_workers_run():
    seen(a_customer().pk, NOON)
    WorkerHeartbeat.objects.create(worker="here", started_at=NOON, seen_at=NOON)
    sample = ResyncRun.objects.create(kind="compare", target="sample", state="complete", done=812, created_at=NOON)
    assert finding("Nightly sample") == Finding("Nightly sample", None, "812 objects compared 0 s ago, 0 differ")

    ResyncRun.objects.filter(pk=sample.pk).update(created_at=NOON - timedelta(days=3))
    late = finding("Nightly sample")
    assert late.ok is False
    assert late.sentence.startswith("none was compared for 3 d: `manage.py resync sample --dry-run --wait`")

    sample.delete()
    ResyncRun.objects.create(target="all", state="complete", created_at=NOON, finished_at=NOON - timedelta(days=2))
    assert finding("Nightly sample").sentence.startswith("none was ever compared, and objects are here for 2 d")
