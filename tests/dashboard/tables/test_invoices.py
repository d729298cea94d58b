from datetime import timedelta

import pytest

from dashboard.tables.invoices import days_late, due, reason, reason_of
from finances.models import Invoice
from finances.reads.invoices import is_past_due
from tests.factories import NOON

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "draft"}, "not issued yet"),
        ({"status": "void"}, "voided"),
        ({"status": "uncollectible"}, "written off"),
        ({"status": "open"}, "at once"),
        ({"status": "open", "attempt_count": 2, "finalized_at": NOON - 6 * DAY}, "at once, 6 days late"),
        ({"status": "open", "attempt_count": 1, "finalized_at": NOON}, "at once, late since today"),
        ({"status": "open", "due_at": NOON - DAY}, "1 day late"),
        ({"status": "open", "due_at": NOON + DAY}, "in time until"),
        ({"status": "open", "due_at": NOON + DAY, "attempt_count": 1}, "in time until"),
        ({"status": "paid", "paid_at": NOON, "finalized_at": NOON}, "paid the same day"),
        ({"status": "paid", "paid_at": NOON, "finalized_at": NOON - 3 * DAY}, "paid after 3 days"),
        (
            {"status": "paid", "paid_at": NOON, "finalized_at": NOON - 9 * DAY, "due_at": NOON - 2 * DAY},
            "paid 2 days late",
        ),
        ({"status": "paid", "paid_at": None}, "paid"),
    ],
)
def test_when_the_money_is_or_was_due_is_a_sentence(fields, words: str) -> None:
    invoice = Invoice(created_at=NOON, **fields)

    assert due(invoice, is_past_due(invoice, NOON), NOON).words == words


def test_a_reason_that_nobody_translated_is_still_readable() -> None:
    assert reason("subscription_cycle") == "Renewal of {plan}"
    assert reason("manual") == "Made by hand {plan}"
    assert reason("something_new") == "Something new {plan}"


def test_a_reason_names_the_plan_where_there_is_one() -> None:
    renewal = Invoice(billing_reason="subscription_cycle", subscription_id="sub_1")

    assert reason_of(renewal, "Business") == "Renewal of Business"
    assert reason_of(renewal, "") == "Renewal of"
    assert reason_of(Invoice(billing_reason="manual"), "Business") == "Made by hand"
    assert reason_of(Invoice(), "") == ""


def test_nouns_follow_their_number() -> None:
    assert (days_late(1), days_late(2), days_late(1200)) == ("1 day late", "2 days late", "1,200 days late")
