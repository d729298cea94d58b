"""A customer's balance: what invoices left over or still ask for, and what moved it."""

from dataclasses import dataclass
from datetime import datetime

from finances.models import StripeObject
from finances.reads.stored import amount_at, id_at, text_at, time_at

NEWEST_MOVEMENTS = 6


@dataclass(frozen=True)
class Movement:
    """`amount` and `balance` after it in minor units; negative is in the customer's favour. `cause_id`: an invoice
    or a credit note, may be empty. `type`: Stripe's.
    """

    id: str
    type: str
    amount: int
    balance: int | None
    currency: str
    cause_id: str
    description: str
    created_at: datetime | None


def movements_of(customer_id: str) -> list[Movement]:
    """The newest six that are stored here. One query."""
    rows = StripeObject.objects.filter(type="customer_balance_transaction", customer_id=customer_id)
    newest = rows.order_by("-stripe_data__created", "-id").values_list("stripe_data", flat=True)[:NEWEST_MOVEMENTS]
    return [
        Movement(
            id=text_at(it, "id"),
            type=text_at(it, "type"),
            amount=amount_at(it, "amount") or 0,
            balance=amount_at(it, "ending_balance"),
            currency=text_at(it, "currency"),
            cause_id=id_at(it, "credit_note") or id_at(it, "invoice"),
            description=text_at(it, "description"),
            created_at=time_at(it, "created"),
        )
        for it in newest
    ]
