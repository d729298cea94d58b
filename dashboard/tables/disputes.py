"""Disputes in words: what the cardholder says, what can be done, and until when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.formatting import Text, day, readable
from finances.models import Customer, Dispute
from finances.reads.attempts import Purpose
from finances.reads.charged import customer_of
from finances.reads.dispute import Case, Evidence, Movement
from finances.reads.disputes import Decision, DisputeRow
from finances.reads.returns import UNANSWERED

SOON = timedelta(days=3)
STANDINGS: dict[str, tuple[Text, str]] = {
    "needs_response": (gettext_lazy("Needs response"), "warning"),
    "under_review": (gettext_lazy("Under review"), "info"),
    "won": (gettext_lazy("Won"), "positive"),
    "lost": (gettext_lazy("Lost"), "negative"),
    "prevented": (gettext_lazy("Prevented"), "neutral"),
    "warning_needs_response": (gettext_lazy("Inquiry, needs response"), "warning"),
    "warning_under_review": (gettext_lazy("Inquiry under review"), "info"),
    "warning_closed": (gettext_lazy("Inquiry closed"), "neutral"),
}


class Words(NamedTuple):
    """`says`: what the cardholder or the bank claims. `do`: what an answer has to show."""

    says: Text
    do: Text


REASONS = {
    "bank_cannot_process": Words(
        gettext_lazy("The bank could not process the payment."),
        gettext_lazy("Ask the bank, or be paid in another way."),
    ),
    "check_returned": Words(gettext_lazy("The cheque came back."), gettext_lazy("Be paid in another way.")),
    "credit_not_processed": Words(
        gettext_lazy("The cardholder says that a refund was promised and did not come."),
        gettext_lazy("Show the refund if there was one, or why none was due: the policy that the customer agreed to."),
    ),
    "customer_initiated": Words(
        gettext_lazy("The customer disputed the payment at the bank."),
        gettext_lazy("Ask the customer what happened; bank debits are rarely won."),
    ),
    "debit_not_authorized": Words(
        gettext_lazy("The account’s holder says that this debit was not agreed to."),
        gettext_lazy("Ask the customer. A dispute of a bank debit is final: another way to pay is needed."),
    ),
    "duplicate": Words(
        gettext_lazy("The cardholder says that the same thing was charged twice."),
        gettext_lazy("Show what each of the two payments was for, or refund one of them."),
    ),
    "fraudulent": Words(
        gettext_lazy("The cardholder says that they did not make this payment."),
        gettext_lazy(
            "Show that the customer used what was paid for: log-ins, addresses, earlier payments with the same card."
        ),
    ),
    "general": Words(
        gettext_lazy("The cardholder’s bank gives no particular reason."),
        gettext_lazy("Ask the customer, and show that the service was used."),
    ),
    "incorrect_account_details": Words(
        gettext_lazy("The account details were not right."), gettext_lazy("Be paid in another way.")
    ),
    "insufficient_funds": Words(
        gettext_lazy("There was not enough money in the account."), gettext_lazy("Ask the customer to pay again.")
    ),
    "noncompliant": Words(
        gettext_lazy("The card network says that one of its rules was broken."),
        gettext_lazy("Look in Stripe which one; an answer may cost a fee."),
    ),
    "product_not_received": Words(
        gettext_lazy("The cardholder says that they did not get what was paid for."),
        gettext_lazy("Show when and how the customer had access, and that it was used."),
    ),
    "product_unacceptable": Words(
        gettext_lazy("The cardholder says that what they got was broken or not as described."),
        gettext_lazy("Show what was promised and that it was delivered, or offer a refund."),
    ),
    "subscription_canceled": Words(
        gettext_lazy("The cardholder says that the subscription was cancelled before this payment."),
        gettext_lazy(
            "Show that it was still on, that the customer was told of the renewal, or that it was used afterwards."
        ),
    ),
    "unrecognized": Words(
        gettext_lazy("The cardholder does not recognise this payment."),
        gettext_lazy("Tell what it was for; often the customer, or a colleague, remembers."),
    ),
}
KINDS = {
    "block": gettext_lazy("Stopped before it became a dispute"),
    "chargeback": gettext_lazy("Chargeback: the money was taken back"),
    "compliance": gettext_lazy("About a rule of the card network"),
    "inquiry": gettext_lazy("Inquiry: the bank asks, no money has moved"),
    "resolution": gettext_lazy("Resolved with the card network"),
}
FIELDS = {
    "access_activity_log": gettext_lazy("Log-ins and use"),
    "customer_purchase_ip": gettext_lazy("IP address of the purchase"),
    "duplicate_charge_id": gettext_lazy("The other payment"),
    "uncategorized_file": gettext_lazy("Another file"),
    "uncategorized_text": gettext_lazy("Other words"),
    "billing_address": gettext_lazy("Billing address"),
    "cancellation_policy": gettext_lazy("Cancellation policy"),
    "cancellation_policy_disclosure": gettext_lazy("Cancellation policy disclosure"),
    "cancellation_rebuttal": gettext_lazy("Cancellation rebuttal"),
    "customer_communication": gettext_lazy("Customer communication"),
    "customer_email_address": gettext_lazy("Customer email address"),
    "customer_name": gettext_lazy("Customer name"),
    "customer_signature": gettext_lazy("Customer signature"),
    "duplicate_charge_documentation": gettext_lazy("Duplicate charge documentation"),
    "duplicate_charge_explanation": gettext_lazy("Duplicate charge explanation"),
    "product_description": gettext_lazy("Product description"),
    "receipt": gettext_lazy("Receipt"),
    "refund_policy": gettext_lazy("Refund policy"),
    "refund_policy_disclosure": gettext_lazy("Refund policy disclosure"),
    "refund_refusal_explanation": gettext_lazy("Refund refusal explanation"),
    "service_date": gettext_lazy("Service date"),
    "service_documentation": gettext_lazy("Service documentation"),
    "shipping_address": gettext_lazy("Shipping address"),
    "shipping_carrier": gettext_lazy("Shipping carrier"),
    "shipping_date": gettext_lazy("Shipping date"),
    "shipping_documentation": gettext_lazy("Shipping documentation"),
    "shipping_tracking_number": gettext_lazy("Shipping tracking number"),
}
CATEGORIES = {
    "dispute": gettext_lazy("Withdrawn"),
    "dispute_reversal": gettext_lazy("Returned"),
    "adjustment": gettext_lazy("Correction"),
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
            says=str(words(row.dispute.reason).says),
            deadline=deadline(row.dispute, now),
            purposes=row.purposes,
        )
        for row in rows
    ]


def shown_dispute_lines(disputes: Iterable[Dispute], now: datetime) -> list[DisputeLine]:
    return [
        DisputeLine(each, *standing(each, now), str(words(each.reason).says), deadline(each, now)) for each in disputes
    ]


def standing(dispute: Dispute, now: datetime) -> tuple[str, str]:
    """The badge's word and tone; what has to be answered within three days is urgent."""
    word, tone = STANDINGS.get(dispute.status) or (readable(dispute.status), "neutral")
    until = deadline(dispute, now)
    return str(word), until.tone if until and until.tone == "urgent" else tone


def deadline(dispute: Dispute, now: datetime) -> Deadline | None:
    """Until when an answer is taken; None where there is nothing to answer, or Stripe names no day."""
    if dispute.status not in UNANSWERED or dispute.evidence_due_at is None:
        return None
    left = dispute.evidence_due_at - now
    if left <= timedelta():
        return Deadline(dispute.evidence_due_at, _("The deadline passed"), "urgent", passed=True)
    return Deadline(dispute.evidence_due_at, _("Answer"), "urgent" if left < SOON else "", passed=False)


def words(reason: str) -> Words:
    """A reason that nobody translated is repeated as Stripe gave it."""
    if reason in REASONS:
        return REASONS[reason]
    if not reason:
        return Words(_("Stripe names the reason only by its code, none."), "")
    return Words(_("Stripe names the reason only by its code, %(code)s.") % {"code": reason}, "")


def outcome(dispute: Dispute) -> str:
    """What the status means, and what follows."""
    return {
        "won": _("The bank decided for us; the money came back."),
        "lost": _("The bank decided for the customer; the money stays there."),
        "under_review": _("The answer is with the bank, which may take two to three months. Nothing can be added."),
        "warning_under_review": _("The answer is with the bank. No money has moved."),
        "warning_closed": _("The inquiry ended and did not become a dispute."),
        "prevented": _("It was settled before it became a dispute."),
    }.get(dispute.status, "")


def kind(case: Case) -> str:
    return str(KINDS.get(case.kind) or readable(case.kind))


def shown_evidence(evidence: Sequence[Evidence]) -> list[tuple[str, Evidence]]:
    """Each filled field of the answer with its name in words."""
    return [(str(FIELDS.get(each.field) or readable(each.field)), each) for each in evidence]


def shown_movements(movements: Sequence[Movement]) -> list[ShownMovement]:
    return [
        ShownMovement(each, str(CATEGORIES.get(each.category) or each.category.replace("_", " "))) for each in movements
    ]


def last_time(decision: Decision | None, now: datetime) -> str:
    """`The last one was won on 4 Nov.`: for a list on which nothing waits."""
    if decision is None:
        return _("There has been none so far.")
    if decision.at:
        ended, at = ENDINGS.get(decision.dispute.status, CLOSED), decision.at
    else:
        ended, at = OLD_ENDINGS.get(decision.dispute.status, OLD_CLOSED), decision.dispute.created_at
    return str(ended) % {"date": day(at, now)}


ENDINGS = {
    "won": gettext_lazy("The last one was won on %(date)s."),
    "lost": gettext_lazy("The last one was lost on %(date)s."),
    "prevented": gettext_lazy("The last one was prevented on %(date)s."),
}
CLOSED = gettext_lazy("The last one was closed on %(date)s.")
OLD_ENDINGS = {
    "won": gettext_lazy("The last one, of %(date)s, was won."),
    "lost": gettext_lazy("The last one, of %(date)s, was lost."),
    "prevented": gettext_lazy("The last one, of %(date)s, was prevented."),
}
OLD_CLOSED = gettext_lazy("The last one, of %(date)s, was closed.")
"""Of those whose end nobody saw: the date is that of the dispute."""
