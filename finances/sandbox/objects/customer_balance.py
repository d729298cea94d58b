"""Customer balance transactions: why a customer's balance is what it is."""

from __future__ import annotations

from finances.sandbox.engine.store import Object


def customer_balance_transaction(
    transaction_id: str,
    created: int,
    customer_id: str,
    currency: str,
    kind: str,
    amount: int,
    ending_balance: int,
    invoice: str | None = None,
    credit_note: str | None = None,
    description: str | None = None,
) -> Object:
    """A negative amount is in the customer's favour, as the balance is."""
    return {
        "id": transaction_id,
        "object": "customer_balance_transaction",
        "amount": amount,
        "checkout_session": None,
        "created": created,
        "credit_note": credit_note,
        "currency": currency,
        "customer": customer_id,
        "customer_account": None,
        "description": description,
        "ending_balance": ending_balance,
        "invoice": invoice,
        "livemode": False,
        "metadata": {},
        "type": kind,
    }
