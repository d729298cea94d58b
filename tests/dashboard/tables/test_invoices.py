from datetime import timedelta

import pytest

from dashboard.tables.invoices import due, many, reason
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
    assert reason("subscription_cycle") == "Renewal of"
    assert reason("something_new") == "Something new"
    assert reason("") == ""


def test_nouns_follow_their_number() -> None:
    assert (many(1, "day"), many(2, "day"), many(0, "day")) == ("1 day", "2 days", "0 days")
