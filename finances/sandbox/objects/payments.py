"""Payment intents and charges."""

from __future__ import annotations

from hashlib import blake2b

from finances.sandbox.engine.store import Object

from .declines import DECLINES, Decline
from .methods import charged_details
from .people import billing_details

__all__ = ["DECLINES", "Decline", "charge", "payment_error", "payment_intent", "receipt_number", "refused", "waiting"]

DESCRIPTIONS = {"subscription_create": "Subscription creation", "subscription_cycle": "Subscription update"}
CARD_OPTIONS: Object = {
    "installments": None,
    "mandate_options": None,
    "network": None,
    "request_three_d_secure": "automatic",
    "setup_future_usage": "off_session",
}
DEBITS = {"eur": "sepa_debit", "usd": "us_bank_account"}  # what can be debited from a bank, by currency


def payment_intent(intent_id: str, created: int, invoice: Object, secret: str) -> Object:
    """For the whole of what the invoice asks for; nothing paid yet."""
    debit = DEBITS.get(invoice["currency"])
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": invoice["amount_due"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": f"{intent_id}_secret_{secret}",
        "confirmation_method": "automatic",
        "created": created,
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "customer_account": None,
        "description": DESCRIPTIONS.get(invoice["billing_reason"], "Payment for Invoice"),
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_details": {"customer_reference": None, "order_reference": invoice["id"]},
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": CARD_OPTIONS},
        "payment_method_types": ["card", "link", debit] if debit else ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": "off_session",
        "shipping": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }


def charge(
    charge_id: str,
    created: int,
    intent: Object,
    customer: Object,
    method: Object,
    decline: Decline | None,
    risk: int,
    balance_transaction: str | None = None,
) -> Object:
    """A charge of the intent's whole amount; failed when a decline is given. `risk` is Radar's score, 0 to 99."""
    amount = intent["amount"]
    paid = decline is None
    return {
        "id": charge_id,
        "object": "charge",
        "amount": amount,
        "amount_captured": amount if paid else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": balance_transaction,
        "billing_details": billing_details(customer),
        "calculated_statement_descriptor": "HARBOUR" if method["type"] == "card" else None,
        "captured": paid,
        "created": created,
        "currency": intent["currency"],
        "customer": customer["id"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "on_behalf_of": None,
        "outcome": _outcome(decline, risk, method["type"]),
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": charged_details(method, amount, paid and risk % 10 == 3),
        "radar_options": {},
        "receipt_email": None,
        "receipt_number": receipt_number(charge_id, customer["email"]) if paid else None,
        "receipt_url": f"https://pay.stripe.com/receipts/invoices/{charge_id}" if paid else None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded" if paid else "failed",
        "transfer_data": None,
        "transfer_group": None,
    }


def receipt_number(charge_id: str, email: str | None) -> str | None:
    """`1234-5678`; None where there is no address to send a receipt to. It follows from the charge's id alone."""
    if not email:
        return None
    number = int.from_bytes(blake2b(charge_id.encode(), digest_size=8).digest())
    return f"{1_000 + number % 9_000}-{number // 9_000 % 10_000:04}"


def waiting(made: Object) -> Object:
    """The same charge while a bank takes its days."""
    not_yet: Object = {"amount_captured": 0, "paid": False, "receipt_number": None, "receipt_url": None}
    return {**made, **not_yet, "captured": True, "status": "pending"}


def refused(made: Object, decline: Decline) -> Object:
    """What changes in a charge that waited and was returned."""
    return {
        "failure_code": decline.code,
        "failure_message": decline.message,
        "outcome": _outcome(decline, made["outcome"]["risk_score"], made["payment_method_details"]["type"]),
        "status": "failed",
    }


def payment_error(decline: Decline, charge_id: str | None, method: Object) -> Object:
    """What an intent keeps as its last error."""
    card = method["type"] == "card" and decline.decline_code is not None
    error: Object = {
        "code": decline.code,
        "doc_url": f"https://stripe.com/docs/error-codes/{decline.code.replace('_', '-')}",
        "message": decline.message,
        "payment_method": method,
        "type": "card_error" if card else "invalid_request_error",
    }
    if decline.advice_code:
        error["advice_code"] = decline.advice_code
    if decline.decline_code:
        error["decline_code"] = decline.decline_code
    if decline.network:
        error["network_decline_code"] = decline.network
    if charge_id:
        error["charge"] = charge_id
    return error


def _outcome(decline: Decline | None, risk: int, kind: str) -> Object:
    blocked = decline is not None and decline.outcome == "blocked"
    score = 75 + risk % 25 if blocked else risk
    level = "highest" if score >= 75 else "elevated" if score >= 65 else "normal"
    reason = decline.decline_code if decline else None
    status = "declined_by_network" if decline else "approved_by_network"
    return {
        "advice_code": decline.advice_code if decline else None,
        "network_advice_code": None,
        "network_decline_code": decline.network if decline else None,
        "network_status": "not_sent_to_network" if blocked else status,
        "reason": "highest_risk_level" if blocked else reason,
        "risk_level": level if kind == "card" else "not_assessed",
        "risk_score": score,
        "seller_message": decline.seller_message if decline else "Payment complete.",
        "type": decline.outcome if decline else "authorized",
    }
