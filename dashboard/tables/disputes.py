"""Disputes in words: what the cardholder says, what can be done, and until when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from dashboard.formatting import day
from finances.models import Customer, Dispute
from finances.reads.attempts import Purpose
from finances.reads.charged import customer_of
from finances.reads.dispute import Case, Evidence, Movement
from finances.reads.disputes import Decision, DisputeRow
from finances.reads.returns import UNANSWERED

SOON = timedelta(days=3)
STANDINGS = {
    "needs_response": ("Needs response", "warning"),
    "under_review": ("Under review", "info"),
    "won": ("Won", "positive"),
    "lost": ("Lost", "negative"),
    "prevented": ("Prevented", "neutral"),
    "warning_needs_response": ("Inquiry, needs response", "warning"),
    "warning_under_review": ("Inquiry under review", "info"),
    "warning_closed": ("Inquiry closed", "neutral"),
}


class Words(NamedTuple):
    """`says`: what the cardholder or the bank claims. `do`: what an answer has to show."""

    says: str
    do: str


REASONS = {
    "bank_cannot_process": Words("The bank could not process the payment.", "Ask the bank, or be paid in another way."),
    "check_returned": Words("The cheque came back.", "Be paid in another way."),
    "credit_not_processed": Words(
        "The cardholder says that a refund was promised and did not come.",
        "Show the refund if there was one, or why none was due: the policy that the customer agreed to.",
    ),
    "customer_initiated": Words(
        "The customer disputed the payment at the bank.", "Ask the customer what happened; bank debits are rarely won."
    ),
    "debit_not_authorized": Words(
        "The account’s holder says that this debit was not agreed to.",
        "Ask the customer. A dispute of a bank debit is final: another way to pay is needed.",
    ),
    "duplicate": Words(
        "The cardholder says that the same thing was charged twice.",
        "Show what each of the two payments was for, or refund one of them.",
    ),
    "fraudulent": Words(
        "The cardholder says that they did not make this payment.",
        "Show that the customer used what was paid for: log-ins, addresses, earlier payments with the same card.",
    ),
    "general": Words(
        "The cardholder’s bank gives no particular reason.", "Ask the customer, and show that the service was used."
    ),
    "incorrect_account_details": Words("The account details were not right.", "Be paid in another way."),
    "insufficient_funds": Words("There was not enough money in the account.", "Ask the customer to pay again."),
    "noncompliant": Words(
        "The card network says that one of its rules was broken.", "Look in Stripe which one; an answer may cost a fee."
    ),
    "product_not_received": Words(
        "The cardholder says that they did not get what was paid for.",
        "Show when and how the customer had access, and that it was used.",
    ),
    "product_unacceptable": Words(
        "The cardholder says that what they got was broken or not as described.",
        "Show what was promised and that it was delivered, or offer a refund.",
    ),
    "subscription_canceled": Words(
        "The cardholder says that the subscription was cancelled before this payment.",
        "Show that it was still on, that the customer was told of the renewal, or that it was used afterwards.",
    ),
    "unrecognized": Words(
        "The cardholder does not recognise this payment.",
        "Tell what it was for; often the customer, or a colleague, remembers.",
    ),
}
KINDS = {
    "block": "Stopped before it became a dispute",
    "chargeback": "Chargeback: the money was taken back",
    "compliance": "About a rule of the card network",
    "inquiry": "Inquiry: the bank asks, no money has moved",
    "resolution": "Resolved with the card network",
}
FIELDS = {
    "access_activity_log": "Log-ins and use",
    "customer_purchase_ip": "IP address of the purchase",
    "duplicate_charge_id": "The other payment",
    "uncategorized_file": "Another file",
    "uncategorized_text": "Other words",
}
CATEGORIES = {
    "dispute": "Withdrawn",
    "dispute_reversal": "Returned",
    "adjustment": "Correction",
}


class Deadline(NamedTuple):
    """`words`: what stands before the time. `tone`: urgent under three days."""

    at: datetime
    words: str
    tone: str
    passed: bool


@dataclass(frozen=True)
class ShownDispute:
    """`payment_id`: the intent, or else the charge."""

    dispute: Dispute
    customer: Customer | None
    customer_id: str
    payment_id: str
    word: str
    tone: str
    says: str
    deadline: Deadline | None
    purposes: list[Purpose]


class DisputeLine(NamedTuple):
    """A dispute on the page of its payment."""

    dispute: Dispute
    word: str
    tone: str
    says: str
    deadline: Deadline | None


class ShownMovement(NamedTuple):
    movement: Movement
    words: str


def shown_disputes(rows: Sequence[DisputeRow], now: datetime) -> list[ShownDispute]:
    return [
        ShownDispute(
            dispute=row.dispute,
            customer=row.customer,
            customer_id=row.dispute.customer_id or customer_of(row.charge),
            payment_id=row.dispute.payment_intent_id or row.dispute.charge_id,
            word=standing(row.dispute, now)[0],
            tone=standing(row.dispute, now)[1],
            says=words(row.dispute.reason).says,
            deadline=deadline(row.dispute, now),
            purposes=row.purposes,
        )
        for row in rows
    ]


def shown_dispute_lines(disputes: Iterable[Dispute], now: datetime) -> list[DisputeLine]:
    return [DisputeLine(each, *standing(each, now), words(each.reason).says, deadline(each, now)) for each in disputes]


def standing(dispute: Dispute, now: datetime) -> tuple[str, str]:
    """The badge's word and tone; what has to be answered within three days is urgent."""
    word, tone = STANDINGS.get(dispute.status) or (dispute.status.replace("_", " ").capitalize(), "neutral")
    until = deadline(dispute, now)
    return word, until.tone if until and until.tone == "urgent" else tone


def deadline(dispute: Dispute, now: datetime) -> Deadline | None:
    """Until when an answer is taken; None where there is nothing to answer, or Stripe names no day."""
    if dispute.status not in UNANSWERED or dispute.evidence_due_at is None:
        return None
    left = dispute.evidence_due_at - now
    if left <= timedelta():
        return Deadline(dispute.evidence_due_at, "The deadline passed", "urgent", passed=True)
    return Deadline(dispute.evidence_due_at, "Answer", "urgent" if left < SOON else "", passed=False)


def words(reason: str) -> Words:
    """A reason that nobody translated is repeated as Stripe gave it."""
    return REASONS.get(reason) or Words(f"Stripe names the reason only by its code, {reason or 'none'}.", "")


def outcome(dispute: Dispute) -> str:
    """What the status means, and what follows."""
    return {
        "won": "The bank decided for us; the money came back.",
        "lost": "The bank decided for the customer; the money stays there.",
        "under_review": "The answer is with the bank, which may take two to three months. Nothing can be added.",
        "warning_under_review": "The answer is with the bank. No money has moved.",
        "warning_closed": "The inquiry ended and did not become a dispute.",
        "prevented": "It was settled before it became a dispute.",
    }.get(dispute.status, "")


def kind(case: Case) -> str:
    return KINDS.get(case.kind) or case.kind.replace("_", " ").capitalize()


def shown_evidence(evidence: Sequence[Evidence]) -> list[tuple[str, Evidence]]:
    """Each filled field of the answer with its name in words."""
    return [(FIELDS.get(each.field) or each.field.replace("_", " ").capitalize(), each) for each in evidence]


def shown_movements(movements: Sequence[Movement]) -> list[ShownMovement]:
    return [ShownMovement(each, CATEGORIES.get(each.category) or each.category.replace("_", " ")) for each in movements]


def last_time(decision: Decision | None, now: datetime) -> str:
    """`The last one was won on 4 Nov.`: for a list on which nothing waits."""
    if decision is None:
        return "There has been none so far."
    ended = {"won": "won", "lost": "lost", "prevented": "prevented"}.get(decision.dispute.status, "closed")
    if decision.at:
        return f"The last one was {ended} on {day(decision.at, now)}."
    return f"The last one, of {day(decision.dispute.created_at, now)}, was {ended}."
