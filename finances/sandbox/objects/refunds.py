"""Refunds."""

from __future__ import annotations

from finances.sandbox.engine.store import Object


def refund(
    refund_id: str,
    created: int,
    charge: Object,
    amount: int,
    reason: str | None,
    balance_transaction: str,
    reference: str,
    pending: bool,
) -> Object:
    """Of a part of the charge, or of the whole. `reference` is the acquirer's, for cards."""
    card = charge["payment_method_details"]["type"] == "card"
    made: Object = {
        "id": refund_id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": balance_transaction,
        "charge": charge["id"],
        "created": created,
        "currency": charge["currency"],
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if pending else "succeeded",
        "transfer_reversal": None,
    }
    if card:
        details: Object = {"reference_status": "pending", "type": "pending"}
        if not pending:
            details = {"reference": reference, "reference_status": "available", "type": "refund"}
        made["destination_details"] = {
            "card": {**details, "reference_type": "acquirer_reference_number"},
            "type": "card",
        }
    if pending:
        made["pending_reason"] = "processing"
    return made
