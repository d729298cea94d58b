"""A customer's balance in words."""

from collections.abc import Iterable
from typing import NamedTuple

from finances.reads.balance import Movement

TYPES = {
    "adjustment": "Changed by hand",
    "applied_to_invoice": "Used on an invoice",
    "checkout_session_subscription_payment": "Paid at a checkout",
    "checkout_session_subscription_payment_canceled": "Payment at a checkout undone",
    "credit_note": "Credit note",
    "initial": "Opening balance",
    "invoice_overpaid": "An invoice was overpaid",
    "invoice_too_large": "An invoice was too large to charge",
    "invoice_too_small": "An invoice was too small to charge",
    "migration": "Moved from another system",
    "unapplied_from_invoice": "Given back from an invoice",
    "unspent_receiver_credit": "Credit that was not spent",
}


class ShownMovement(NamedTuple):
    movement: Movement
    words: str


def shown_movements(movements: Iterable[Movement]) -> list[ShownMovement]:
    return [ShownMovement(each, TYPES.get(each.type) or each.type.replace("_", " ").capitalize()) for each in movements]


def standing(balance: int) -> str:
    """Stripe's sign: negative is in the customer's favour."""
    if balance < 0:
        return "credit, used on the next invoice"
    return "owed, added to the next invoice" if balance > 0 else "nothing to carry over"
