"""On which date access ends, by each of the ways in which Stripe's data say so."""

from datetime import timedelta

import pytest

from finances.reads.access_end import AccessEnd, Cause, access_end
from tests.factories import NOON
from tests.finances.reads.test_access import NEXT, a_card, a_subscription, access, late_invoice

TRIAL_END = NOON + timedelta(days=9)
TRIAL = {"status": "trialing", "trial_ends_at": TRIAL_END}


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({}, AccessEnd(Cause.RENEWS, NEXT)),
        ({"status": "canceled", "ended_at": NOON}, AccessEnd(Cause.ENDED, NOON)),
        ({"cancel_at_period_end": True}, AccessEnd(Cause.SET_TO_CANCEL, NEXT)),
        ({"cancel_at": TRIAL_END}, AccessEnd(Cause.SET_TO_CANCEL, TRIAL_END)),
        ({"status": "unpaid", "paying_until": NOON}, AccessEnd(Cause.UNPAID, NOON)),
        ({"status": "unpaid", "trial_ends_at": TRIAL_END}, AccessEnd(Cause.UNPAID, TRIAL_END)),
        ({"status": "incomplete"}, AccessEnd(Cause.FIRST_PAYMENT, NOON + timedelta(hours=23))),
        ({"status": "paused"}, AccessEnd(Cause.PAUSED)),
        ({"status": "past_due"}, None),
    ],
)
def test_what_the_subscription_itself_says(fields, end) -> None:
    assert access_end(access(a_subscription(**fields)), "", NOON) == end


@pytest.mark.parametrize(
    ("setting", "cause"),
    [
        ("cancel", Cause.TRIAL_CANCELS),
        ("pause", Cause.TRIAL_PAUSES),
        ("create_invoice", Cause.TRIAL_UNPAID),
        ("", Cause.TRIAL_UNPAID),
    ],
)
def test_a_trial_without_a_method_ends_as_its_settings_say(setting: str, cause: Cause) -> None:
    found = access(a_subscription(**TRIAL), method_id="")

    assert access_end(found, setting, NOON) == AccessEnd(cause, TRIAL_END)


def test_a_trial_with_a_method_renews_whatever_its_settings_say() -> None:
    assert access_end(access(a_subscription(**TRIAL)), "cancel", NOON) == AccessEnd(Cause.RENEWS, NEXT)


def test_a_card_that_will_have_expired_ends_nothing_by_itself() -> None:
    expired = access(a_subscription(**TRIAL), methods=[a_card(expires_month=11, expires_year=2026)])

    assert access_end(expired, "cancel", NOON) == AccessEnd(Cause.WILL_FAIL, NEXT)
    assert access_end(access(a_subscription(), method_id=""), "", NOON) == AccessEnd(Cause.WILL_FAIL, NEXT)


def test_past_due_with_a_try_ahead_ends_no_sooner() -> None:
    ahead, past = NOON + timedelta(days=3), NOON - timedelta(days=3)

    def of(**invoice) -> AccessEnd | None:
        late = late_invoice(subscription_id="sub_1", **invoice)
        return access_end(access(a_subscription(status="past_due"), late=late), "", NOON)

    assert of(next_attempt_at=ahead) == AccessEnd(Cause.NEXT_TRY, ahead)
    assert of(next_attempt_at=past) == of() == AccessEnd(Cause.LEFT_PAST_DUE)


def test_a_late_invoice_moves_no_end() -> None:
    found = access(a_subscription(cancel_at_period_end=True), late=late_invoice())

    assert access_end(found, "", NOON) == AccessEnd(Cause.SET_TO_CANCEL, NEXT)


def test_a_customer_without_a_subscription_has_no_end() -> None:
    assert access_end(access(), "", NOON) is None
    assert access_end(access(deleted_at=NOON), "", NOON) is None
