from datetime import timedelta

import pytest

from dashboard.tables.disputes import REASONS, deadline, last_time, shown_evidence, standing, words
from finances.models import Dispute
from finances.reads.dispute import Evidence
from finances.reads.disputes import Decision
from tests.factories import NOON

# https://docs.stripe.com/api/disputes/object: the values of `reason`.
DOCUMENTED = [
    "bank_cannot_process",
    "check_returned",
    "credit_not_processed",
    "customer_initiated",
    "debit_not_authorized",
    "duplicate",
    "fraudulent",
    "general",
    "incorrect_account_details",
    "insufficient_funds",
    "noncompliant",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "unrecognized",
]


@pytest.mark.parametrize("reason", DOCUMENTED)
def test_each_documented_reason_is_a_sentence_with_what_to_do(reason: str) -> None:
    assert REASONS[reason].says.endswith(".")
    assert REASONS[reason].do.endswith(".")


def test_an_unknown_reason_is_repeated_and_nothing_is_guessed() -> None:
    assert words("moon_phase").says == "Stripe names the reason only by its code, moon_phase."
    assert words("moon_phase").do == ""


@pytest.mark.parametrize(
    ("hours", "tone", "passed"), [(72, "", False), (71.9, "urgent", False), (0, "urgent", True), (-5, "urgent", True)]
)
def test_under_three_days_a_deadline_is_urgent_and_then_over(hours: float, tone: str, passed: bool) -> None:
    dispute = Dispute(status="needs_response", evidence_due_at=NOON + timedelta(hours=hours))

    until = deadline(dispute, NOON)
    assert until is not None
    assert (until.tone, until.passed) == (tone, passed)
    assert standing(dispute, NOON)[1] == (tone or "warning")


@pytest.mark.parametrize("status", ["under_review", "won", "lost", "warning_under_review", "warning_closed"])
def test_what_is_answered_or_decided_has_no_deadline(status: str) -> None:
    assert deadline(Dispute(status=status, evidence_due_at=NOON), NOON) is None


def test_one_without_a_day_has_no_deadline() -> None:
    assert deadline(Dispute(status="needs_response"), NOON) is None


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        (None, "There has been none so far."),
        (Decision(Dispute(status="won"), NOON), "The last one was won on 20 Nov."),
        (Decision(Dispute(status="lost", created_at=NOON), None), "The last one, of 20 Nov, was lost."),
        (Decision(Dispute(status="warning_closed"), NOON), "The last one was closed on 20 Nov."),
    ],
)
def test_an_empty_list_tells_the_last_decision(decision: Decision | None, sentence: str) -> None:
    assert last_time(decision, NOON) == sentence


def test_fields_of_an_answer_have_names() -> None:
    given = [Evidence("uncategorized_text", "x", False), Evidence("customer_name", "Ada", False)]

    assert [name for name, _ in shown_evidence(given)] == ["Other words", "Customer name"]
