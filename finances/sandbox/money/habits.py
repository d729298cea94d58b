"""How a customer pays: nothing that Stripe would know."""

from __future__ import annotations

from dataclasses import dataclass, field

from finances.sandbox.objects.declines import GENERIC, Decline


@dataclass(slots=True)
class Habits:
    """`refusals` is the chance that the first card refuses; one that replaces it does not.

    `method` is card, link, sepa_debit or us_bank_account; `backup_card` is a second card, which takes over when the
    first has refused. `refund` (part, full) and `dispute` (open, review, won, lost, warning, warning_closed) say what
    becomes of the first payment that goes well; None leaves it to chance.
    """

    refusals: float = 0.0
    decline: Decline = GENERIC
    refuses_after: int | None = None  # so many charges go well, then none does
    pays_sent_invoices: str = "prompt"  # prompt, late or never
    charges: int = field(default=0)
    method: str = "card"
    backup_card: bool = False
    refund: str | None = None
    dispute: str | None = None
    quiet: bool = False  # nothing happens by chance: no refund, dispute, refusal or replaced card
    refusing: str | None = None  # the card that `refusals` is about
    backup: str | None = None
