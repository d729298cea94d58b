"""Refunds, disputes and credit notes in a few words, for the pages of what they belong to."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from dashboard.tables import credit_notes, disputes, refunds
from finances.models import Dispute
from finances.reads.returns import Return


class ShownReturn(NamedTuple):
    """`words`: why. `deadline`: of a dispute that waits for an answer."""

    it: Return
    kind: str
    word: str
    tone: str
    words: str
    deadline: disputes.Deadline | None


def shown_returns(rows: Iterable[Return], now: datetime) -> list[ShownReturn]:
    return [shown_return(row, now) for row in rows]


def shown_return(row: Return, now: datetime) -> ShownReturn:
    if row.kind == "dispute":
        dispute = Dispute(status=row.status, evidence_due_at=row.answer_by)
        word, tone = disputes.standing(dispute, now)
        return ShownReturn(
            row, _("Dispute"), word, tone, str(disputes.words(row.reason).says), disputes.deadline(dispute, now)
        )
    if row.kind == "refund":
        return ShownReturn(row, _("Refund"), *refunds.standing(row.status), refunds.reason(row.reason), None)
    return ShownReturn(row, _("Credit note"), *credit_notes.standing(row.status), credit_notes.reason(row.reason), None)
