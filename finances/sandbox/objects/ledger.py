"""Balance transactions and payouts."""

from __future__ import annotations

from finances.sandbox.engine.store import Object


def balance_transaction(
    transaction_id: str,
    created: int,
    kind: str,
    amount: int,
    currency: str,
    source: str | None,
    fee: int,
    fee_name: str,
    available_on: int,
    status: str,
    category: str,
    description: str | None,
) -> Object:
    """Minor units; `amount` is negative where money leaves. `fee` comes off on top: net = amount - fee."""
    fees = [{"amount": fee, "application": None, "currency": currency, "description": fee_name, "type": "stripe_fee"}]
    return {
        "id": transaction_id,
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available_on,
        "balance_type": "payments",
        "created": created,
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": fees if fee else [],
        "net": amount - fee,
        "reporting_category": category,
        "source": source,
        "status": status,
        "type": kind,
    }


def payout(
    payout_id: str, created: int, amount: int, currency: str, arrival_date: int, destination: str, transaction: str
) -> Object:
    """On its way to the bank."""
    return {
        "id": payout_id,
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": arrival_date,
        "automatic": True,
        "balance_transaction": transaction,
        "created": created,
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "destination": destination,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "in_progress",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "in_transit",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }
