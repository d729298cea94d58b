"""What of the facts is wrong: each condition by itself, where it begins and where it ends."""

from datetime import timedelta

import pytest

from finances.models import Incident
from finances.reads.catch_ups import Gap
from finances.reads.freshness import Lag
from finances.reads.silence import Silence
from finances.reads.sync_health import Facts
from finances.watch.conditions import ADVICE, BAD_SIGNATURES, CONDITIONS, span
from finances.webhooks.refusals import Reason
from tests.factories import NOON

Kind = Incident.Kind


def said(kind: Kind, is_open: bool = False, **facts) -> str:
    return CONDITIONS[kind](Facts(now=NOON, **facts), is_open)


def behind(**span) -> Lag:
    return Lag(NOON, NOON - timedelta(**span))


def test_nothing_is_wrong_where_nothing_is():
    for kind in Kind:
        assert not said(kind)
        assert not said(kind, is_open=True)


def test_each_kind_has_a_condition_and_says_what_to_do():
    assert set(CONDITIONS) == set(ADVICE) == set(Kind)


def test_lag_begins_after_five_minutes_and_ends_below_one():
    assert not said(Kind.LAG, lag=behind(minutes=4, seconds=59))
    assert "5 min behind Stripe" in said(Kind.LAG, lag=behind(minutes=5))
    assert said(Kind.LAG, is_open=True, lag=behind(minutes=1))
    assert not said(Kind.LAG, is_open=True, lag=behind(seconds=59))


def test_a_silence_says_what_is_usual():
    silence = Silence(NOON - timedelta(hours=2), timedelta(hours=2), (24, 31))

    sentence = said(Kind.SILENCE, silence=silence)

    assert sentence.startswith("No event has come from Stripe for 2 h.")
    assert "24 different minutes a week before" in sentence
    assert "31 two weeks before" in sentence


def test_a_silence_ends_with_an_event_and_not_with_the_hours():
    still = Silence(NOON - timedelta(hours=9), timedelta(hours=9), (24, 3))

    assert not said(Kind.SILENCE, silence=still)
    assert said(Kind.SILENCE, is_open=True, silence=still)
    assert not said(Kind.SILENCE, is_open=True, silence=Silence(NOON, timedelta()))


def test_one_event_in_quarantine_is_one():
    assert said(Kind.QUARANTINE, quarantined=1) == "1 event is in quarantine and needs a person."
    assert said(Kind.QUARANTINE, quarantined=10_001).startswith("more than 10,000 events are")


def test_events_without_webhooks_are_said_to_be():
    assert "without webhooks" in said(Kind.NO_WEBHOOKS, no_webhooks_since=NOON - timedelta(hours=3))


def test_a_gap_names_its_days():
    gap = Gap(NOON - timedelta(days=50), NOON - timedelta(days=30), None)

    assert "from 1 Oct 2026 to 21 Oct 2026" in said(Kind.GAP, gap=gap)


@pytest.mark.guarantee("A11")
def test_events_of_another_mode_or_account_are_a_warning():
    assert "2 of the other mode." in said(Kind.WRONG_MODE, other_mode=2)
    assert "2 of the other mode and 1 of another account." in said(Kind.WRONG_MODE, other_mode=2, other_account=1)


def test_a_stray_bad_signature_is_nothing_and_five_are_a_wrong_secret():
    assert not said(Kind.REFUSED, refused={"wrong signature": 4})
    assert not said(Kind.REFUSED, refused={"no signature": 9999, "too large": 9999})
    assert "No event was taken in meanwhile" in said(
        Kind.REFUSED, refused={"wrong signature": 3, "signed too long ago": 2}
    )
    assert said(Kind.REFUSED, is_open=True, refused={"wrong signature": 1})
    assert not said(Kind.REFUSED, is_open=True, refused={"no signature": 1})


def test_bad_posts_of_anybody_are_no_news_while_stripes_are_taken_in():
    assert not said(Kind.REFUSED, refused={"wrong signature": 99}, taken=1)
    assert "Others were taken in meanwhile" in said(Kind.REFUSED, refused={"wrong signature": 100}, taken=1)
    assert said(Kind.REFUSED, is_open=True, refused={"wrong signature": 20}, taken=1)
    assert not said(Kind.REFUSED, is_open=True, refused={"wrong signature": 19}, taken=1)


def test_the_reasons_are_those_that_the_endpoint_counts():
    assert set(BAD_SIGNATURES) == {Reason.WRONG_SIGNATURE, Reason.TOO_OLD, Reason.AHEAD}


def test_stripe_says_why():
    assert said(Kind.STRIPE, unread="Stripe could not be reached.").endswith("Stripe could not be reached.")


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=4), "1 min"),
        (timedelta(minutes=89), "89 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(days=8), "8 days"),
    ],
)
def test_spans_are_whole(length, words):
    assert span(length) == words
