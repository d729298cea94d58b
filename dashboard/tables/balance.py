"""A customer's balance in words."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.formatting import readable
from finances.reads.balance import Movement

TYPES = {
    "adjustment": gettext_lazy("Changed by hand"),
    "applied_to_invoice": gettext_lazy("Used on an invoice"),
    "checkout_session_subscription_payment": gettext_lazy("Paid at a checkout"),
    "checkout_session_subscription_payment_canceled": gettext_lazy("Payment at a checkout undone"),
    "credit_note": gettext_lazy("Credit note"),
    "initial": gettext_lazy("Opening balance"),
    "invoice_overpaid": gettext_lazy("An invoice was overpaid"),
    "invoice_too_large": gettext_lazy("An invoice was too large to charge"),
    "invoice_too_small": gettext_lazy("An invoice was too small to charge"),
    "migration": gettext_lazy("Moved from another system"),
    "unapplied_from_invoice": gettext_lazy("Given back from an invoice"),
    "unspent_receiver_credit": gettext_lazy("Credit that was not spent"),
}


class ShownMovement(NamedTuple):
    movement: Movement
    words: str


def shown_movements(movements: Iterable[Movement]) -> list[ShownMovement]:
    return [ShownMovement(each, str(TYPES.get(each.type) or readable(each.type))) for each in movements]


def standing(balance: int) -> str:
    """Stripe's sign: negative is in the customer's favour."""
    if balance < 0:
        return _("credit, used on the next invoice")
    return _("owed, added to the next invoice") if balance > 0 else _("nothing to carry over")
