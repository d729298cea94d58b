"""Refunds in words: why, of how much, and what went wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard import formatting
from finances.models import Charge, Customer, Refund
from finances.reads.attempts import Purpose
from finances.reads.refunds import RefundRow

REASONS = {
    "duplicate": gettext_lazy("The payment was a duplicate"),
    "expired_uncaptured_charge": gettext_lazy("The money was never captured, so it went back by itself"),
    "fraudulent": gettext_lazy("The payment was taken for fraud"),
    "requested_by_customer": gettext_lazy("The customer asked for it"),
}
STANDINGS: dict[str, tuple[formatting.Text, str]] = {
    "requires_action": (gettext_lazy("Waits for the customer"), "warning"),
    "pending": (gettext_lazy("Pending"), "info"),
}
FAILURES = {
    "charge_for_pending_refund_disputed": gettext_lazy(
        "The payment was disputed before the refund went out; the dispute goes on."
    ),
    "declined": gettext_lazy("The bank declined the refund. The customer has to be paid in another way."),
    "expired_or_canceled_card": gettext_lazy(
        "The card has expired or was cancelled. The customer has to be paid in another way."
    ),
    "insufficient_funds": gettext_lazy("There was not enough money in the Stripe balance."),
    "lost_or_stolen_card": gettext_lazy("The card was lost or stolen. The customer has to be paid in another way."),
    "merchant_request": gettext_lazy("The refund was called back on our side."),
    "unknown": gettext_lazy("The bank gave no reason. The customer has to be paid in another way."),
}


class Failed(NamedTuple):
    """`sentence`: what happened and what to do; `code`: Stripe's, may be empty."""

    sentence: str
    code: str


@dataclass(frozen=True)
class ShownRefund:
    """`payment_id`: the intent, or else the charge. `share`: how much of the charge this refund is, in words."""

    refund: Refund
    customer: Customer | None
    customer_id: str
    payment_id: str
    word: str
    tone: str
    reason: str
    share: str
    failure: Failed | None
    purposes: list[Purpose]


class RefundLine(NamedTuple):
    """A refund on the page of its payment."""

    refund: Refund
    word: str
    tone: str
    reason: str
    failure: Failed | None


def shown_refunds(rows: Sequence[RefundRow]) -> list[ShownRefund]:
    return [
        ShownRefund(
            refund=row.refund,
            customer=row.customer,
            customer_id=row.refund.customer_id or (row.charge.customer_id if row.charge else ""),
            payment_id=row.refund.payment_intent_id or row.refund.charge_id,
            word=standing(row.refund.status)[0],
            tone=standing(row.refund.status)[1],
            reason=reason(row.refund.reason),
            share=share(row.refund, row.charge),
            failure=failure(row.refund),
            purposes=row.purposes,
        )
        for row in rows
    ]


def shown_refund_lines(refunds: Iterable[Refund]) -> list[RefundLine]:
    return [RefundLine(each, *standing(each.status), reason(each.reason), failure(each)) for each in refunds]


def standing(status: str) -> tuple[str, str]:
    word, tone = STANDINGS.get(status) or (formatting.word(status), formatting.tone(status))
    return str(word), tone


def reason(code: str) -> str:
    return str(REASONS.get(code) or formatting.readable(code))


def failure(refund: Refund) -> Failed | None:
    """Why the money did not go back; None for a refund that did not fail."""
    code = refund.failure_reason
    if refund.status != "failed" and not code:
        return None
    if not code:
        return Failed(_("The refund failed and Stripe gives no reason."), "")
    if code in FAILURES:
        return Failed(str(FAILURES[code]), code)
    return Failed(_("Stripe names the reason only by its code, %(code)s.") % {"code": code}, code)


def share(refund: Refund, charge: Charge | None) -> str:
    """`in full`, `part of 29.00 EUR`; empty where the charge is not known."""
    if charge is None or not charge.amount:
        return ""
    if refund.amount >= charge.amount:
        return _("in full")
    return _("part of %(amount)s") % {"amount": formatting.amount(charge.amount, charge.currency)}
