"""Credit notes in words: why, and where the money went."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.formatting import Text, readable
from finances.models import CreditNote, Customer, Invoice
from finances.reads.credit_notes import CreditNoteRow

REASONS = {
    "duplicate": gettext_lazy("A duplicate"),
    "fraudulent": gettext_lazy("Taken for fraud"),
    "order_change": gettext_lazy("The order changed"),
    "product_unsatisfactory": gettext_lazy("The product did not satisfy"),
}
STANDINGS: dict[str, tuple[Text, str]] = {
    "issued": (gettext_lazy("Issued"), "positive"),
    "void": (gettext_lazy("Void"), "neutral"),
}


class Part(NamedTuple):
    """`amount`: minor units of the credit note's currency. `words`: where that much of it went."""

    amount: int
    words: str


@dataclass(frozen=True)
class ShownCreditNote:
    note: CreditNote
    invoice: Invoice | None
    customer: Customer | None
    customer_id: str
    word: str
    tone: str
    reason: str
    parts: list[Part]


def shown_credit_notes(rows: Sequence[CreditNoteRow]) -> list[ShownCreditNote]:
    return [
        ShownCreditNote(
            note=row.note,
            invoice=row.invoice,
            customer=row.customer,
            customer_id=row.note.customer_id or (row.invoice.customer_id if row.invoice else ""),
            word=standing(row.note.status)[0],
            tone=standing(row.note.status)[1],
            reason=reason(row.note.reason),
            parts=parts(row.note),
        )
        for row in rows
    ]


def standing(status: str) -> tuple[str, str]:
    word, tone = STANDINGS.get(status) or (readable(status), "neutral")
    return str(word), tone


def reason(code: str) -> str:
    return str(REASONS.get(code) or readable(code))


def parts(note: CreditNote) -> list[Part]:
    """Where the money went, largest first; what lowered an open invoice never moved."""
    found = [
        Part(note.pre_payment_amount, _("taken off the open invoice")),
        Part(note.refund_amount, _("refunded")),
        Part(note.customer_balance_amount, _("kept as the customer’s credit")),
        Part(note.out_of_band_amount, _("given back outside Stripe")),
    ]
    return sorted((part for part in found if part.amount), key=lambda part: -part.amount)
