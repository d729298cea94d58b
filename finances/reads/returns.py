"""What went back, or may: refunds, disputes and credit notes of one customer or of one invoice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import CharField, DateTimeField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from finances.models import CreditNote, Dispute, Invoice, Refund

AT_MOST = 60
UNANSWERED = ("needs_response", "warning_needs_response")


@dataclass(frozen=True)
class Return:
    """`kind`: refund, dispute or credit_note. `amount`: minor units. `answer_by`: a dispute's deadline.

    `reference`: a credit note's number. `about_id`: the payment, of a credit note the invoice, whose number is
    `about_name`.
    """

    kind: str
    id: str
    reference: str
    status: str
    reason: str
    currency: str
    amount: int
    about_id: str
    about_name: str
    answer_by: datetime | None
    created_at: datetime

    @property
    def waits_for_us(self) -> bool:
        """A dispute that nobody has answered yet."""
        return self.kind == "dispute" and self.status in UNANSWERED


@dataclass(frozen=True)
class Returns:
    """Each newest first."""

    refunds: list[Return]
    disputes: list[Return]
    credit_notes: list[Return]


def returns_of_customer(customer_id: str) -> Returns:
    """Of the newest sixty of all three together. One query."""
    of_customer = Q(customer_id=customer_id)
    return _returns(of_customer, of_customer, of_customer)


def returns_of_payments(payment_ids: Iterable[str], charge_ids: Iterable[str]) -> Returns:
    """Refunds and disputes of these payments, or of charges that have none. One query."""
    of_payment = Q(payment_intent_id__in=set(payment_ids)) | Q(charge_id__in=set(charge_ids))
    return _returns(of_payment, of_payment, Q(pk__in=()))


def _returns(refunds: Q, disputes: Q, credit_notes: Q) -> Returns:
    whose = (disputes, refunds, credit_notes)
    parts = [rows.filter(which) for rows, which in zip(_kinds(), whose, strict=True)]
    newest = parts[0].union(*parts[1:], all=True).order_by("-created_at", "-id")[:AT_MOST]
    rows = [Return(*row) for row in newest]
    return Returns(*([row for row in rows if row.kind == kind] for kind in ("refund", "dispute", "credit_note")))


@cache  # to put these together takes Django longer than to write the query
def _kinds() -> list[QuerySet[Any, Any]]:
    # Disputes come first, since PostgreSQL takes the type of the deadline from the first two parts of a union.
    columns = (
        "kind",
        "id",
        "reference",
        "status",
        "reason",
        "currency",
        "amount",
        "about_id",
        "about_name",
        "answer_by",
    )
    none, no_time = Value("", CharField()), Value(None, DateTimeField())

    def of_kind(kind: str) -> Value:
        return Value(kind, CharField())

    disputed = Dispute.objects.filter(deleted_at=None).annotate(
        kind=of_kind("dispute"),
        reference=none,
        about_id=F("payment_intent_id"),
        about_name=none,
        answer_by=F("evidence_due_at"),
    )
    refunded = Refund.objects.filter(deleted_at=None).annotate(
        kind=of_kind("refund"), reference=none, about_id=F("payment_intent_id"), about_name=none, answer_by=no_time
    )
    number = Invoice.objects.filter(pk=OuterRef("invoice_id")).values("number")[:1]
    credited = CreditNote.objects.filter(deleted_at=None).annotate(
        kind=of_kind("credit_note"),
        reference=F("number"),
        amount=F("total"),
        about_id=F("invoice_id"),
        about_name=Coalesce(Subquery(number), Value(""), output_field=CharField()),
        answer_by=no_time,
    )
    return [each.order_by().values_list(*columns, "created_at") for each in (disputed, refunded, credited)]
