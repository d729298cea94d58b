"""A customer's balance with us, and each step that made it."""

from __future__ import annotations

from finances.sandbox.engine.books import Books
from finances.sandbox.engine.store import Object
from finances.sandbox.objects.customer_balance import customer_balance_transaction


def move(
    books: Books,
    customer_id: str,
    kind: str,
    amount: int,
    currency: str,
    invoice: str | None = None,
    credit_note: str | None = None,
    description: str | None = None,
    **changed: object,
) -> Object:
    """Adds `amount` (negative: in the customer's favour) and leaves its transaction. `changed` are other fields of the
    customer that change in the same step. The customer has that currency from then on."""
    ending = books.store[customer_id]["balance"] + amount
    made = books.add(
        customer_balance_transaction(
            books.new_id("cbtxn"),
            books.at,
            customer_id,
            currency,
            kind,
            amount,
            ending,
            invoice,
            credit_note,
            description,
        )
    )
    books.change(customer_id, "customer.updated", balance=ending, currency=currency, **changed)
    return made
