"""Credit notes and their lines."""

from __future__ import annotations

from finances.sandbox.engine.store import Object

from .billing import list_of


def credit_note_line(line_id: str, amount: int, text: str, invoice_line: str | None, quantity: int | None) -> Object:
    """Of a line of the invoice, or (without one) of its own. `amount` is without tax."""
    made: Object = {
        "id": line_id,
        "object": "credit_note_line_item",
        "amount": amount,
        "description": text,
        "discount_amount": 0,
        "discount_amounts": [],
        "livemode": False,
        "metadata": {},
        "pretax_credit_amounts": [],
        "quantity": None if invoice_line else quantity,
        "tax_rates": [],
        "taxes": [],
        "type": "invoice_line_item" if invoice_line else "custom_line_item",
        "unit_amount": None if invoice_line else amount,
        "unit_amount_decimal": None if invoice_line else str(amount),
    }
    if invoice_line:
        made["invoice_line_item"] = invoice_line
    return made


def credit_note(
    note_id: str,
    created: int,
    invoice: Object,
    number: str,
    line: Object,
    reason: str | None,
    memo: str | None,
    before_payment: bool,
) -> Object:
    """Of one line. Where the money goes (refund, balance, out of band) is set by whoever issues it."""
    amount = line["amount"]
    return {
        "id": note_id,
        "object": "credit_note",
        "amount": amount,
        "amount_shipping": 0,
        "created": created,
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "customer_account": None,
        "customer_balance_transaction": None,
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": created,
        "invoice": invoice["id"],
        "lines": list_of([line], f"/v1/credit_notes/{note_id}/lines"),
        "livemode": False,
        "memo": memo,
        "metadata": {},
        "number": number,
        "out_of_band_amount": None,
        "pdf": f"https://pay.stripe.com/credit_notes/{note_id}/pdf",
        "post_payment_amount": 0 if before_payment else amount,
        "pre_payment_amount": amount if before_payment else 0,
        "pretax_credit_amounts": [],
        "reason": reason,
        "refunds": [],
        "shipping_cost": None,
        "status": "issued",
        "subtotal": amount,
        "subtotal_excluding_tax": amount,
        "total": amount,
        "total_excluding_tax": amount,
        "total_taxes": [],
        "type": "pre_payment" if before_payment else "post_payment",
        "voided_at": None,
    }
