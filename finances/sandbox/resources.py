"""The table of addresses: what each collection is called, and which parameters its list takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Filter = Literal["text", "flag", "range", "reference", "choice", "many"]


@dataclass(frozen=True)
class Resource:
    """`noun` as in "No such noun"; `filters` by parameter: how its value is read and compared."""

    type: str
    noun: str
    filters: dict[str, Filter]
    choices: dict[str, tuple[str, ...]]


def _resource(kind: str, noun: str = "", filters: dict[str, Filter] | None = None, **choices: str) -> Resource:
    allowed = {name: tuple(words.split()) for name, words in choices.items()}
    named: dict[str, Filter] = dict.fromkeys(allowed, "choice")
    return Resource(kind, noun or kind, {"created": "range", **(filters or {}), **named}, allowed)


COLLECTION = "charge_automatically send_invoice"
RESOURCES: dict[str, Resource] = {
    "customers": _resource("customer", filters={"email": "text"}),
    "products": _resource("product", filters={"active": "flag", "ids": "many"}),
    "prices": _resource(
        "price",
        filters={"active": "flag", "currency": "text", "product": "reference"},
        type="one_time recurring",
    ),
    "subscriptions": _resource(
        "subscription",
        filters={
            "customer": "reference",
            "price": "reference",
            "current_period_start": "range",
            "current_period_end": "range",
        },
        collection_method=COLLECTION,
        status="active all canceled ended incomplete incomplete_expired past_due paused trialing unpaid",
    ),
    "subscription_items": _resource("subscription_item", "subscription_item", {"subscription": "reference"}),
    "invoices": _resource(
        "invoice",
        filters={"customer": "reference", "subscription": "reference", "due_date": "range"},
        collection_method=COLLECTION,
        status="draft open paid uncollectible void",
    ),
    "invoice_payments": _resource(
        "invoice_payment", filters={"invoice": "reference", "payment": "many"}, status="canceled open paid"
    ),
    "payment_intents": _resource("payment_intent", filters={"customer": "reference"}),
    "charges": _resource(
        "charge", filters={"customer": "reference", "payment_intent": "reference", "transfer_group": "text"}
    ),
    "payment_methods": _resource(
        "payment_method",
        "PaymentMethod",
        {"customer": "reference"},
        type="card sepa_debit us_bank_account link paypal",
        allow_redisplay="always limited unspecified",
    ),
    "events": _resource("event", filters={"type": "text", "types": "many", "delivery_success": "flag"}),
    # Empty in this business, but there: what the control address puts in can be read back.
    "balance_transactions": _resource("balance_transaction", "balance transaction"),
    "coupons": _resource("coupon"),
    "credit_notes": _resource("credit_note", "credit note", {"customer": "reference", "invoice": "reference"}),
    "disputes": _resource("dispute", filters={"charge": "reference", "payment_intent": "reference"}),
    "invoiceitems": _resource("invoiceitem", filters={"customer": "reference", "invoice": "reference"}),
    "payouts": _resource("payout"),
    "plans": _resource("plan", filters={"active": "flag", "product": "reference"}),
    "promotion_codes": _resource("promotion_code", "promotion code", {"active": "flag", "customer": "reference"}),
    "refunds": _resource("refund", filters={"charge": "reference", "payment_intent": "reference"}),
    "setup_intents": _resource("setup_intent", filters={"customer": "reference"}),
    "subscription_schedules": _resource("subscription_schedule", "subscription schedule", {"customer": "reference"}),
    "tax_rates": _resource("tax_rate", "tax rate", {"active": "flag"}),
    "transfers": _resource("transfer", filters={"transfer_group": "text"}),
}

NOUNS = {resource.type: resource.noun for resource in RESOURCES.values()}
