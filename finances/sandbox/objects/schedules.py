"""Subscription schedules and their phases."""

from __future__ import annotations

from finances.sandbox.engine.store import Object


def schedule(schedule_id: str, created: int, subscription: Object, phases: list[Object], end_behavior: str) -> Object:
    """One made from a subscription that runs: its first phase is under way."""
    first = phases[0]
    return {
        "id": schedule_id,
        "object": "subscription_schedule",
        "application": None,
        "billing_mode": subscription["billing_mode"],
        "canceled_at": None,
        "completed_at": None,
        "created": created,
        "current_phase": {"end_date": first["end_date"], "start_date": first["start_date"]},
        "customer": subscription["customer"],
        "customer_account": None,
        "default_settings": {
            "application_fee_percent": None,
            "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
            "billing_cycle_anchor": "automatic",
            "billing_thresholds": None,
            "collection_method": subscription["collection_method"],
            "default_payment_method": None,
            "description": None,
            "invoice_settings": {
                "account_tax_ids": None,
                "days_until_due": subscription["days_until_due"],
                "issuer": {"type": "self"},
            },
            "on_behalf_of": None,
            "transfer_data": None,
        },
        "end_behavior": end_behavior,
        "livemode": False,
        "metadata": {},
        "phases": phases,
        "released_at": None,
        "released_subscription": None,
        "status": "active",
        "subscription": subscription["id"],
        "test_clock": None,
    }


def phase(start: int, end: int, currency: str, goods: list[tuple[str, int | None]]) -> Object:
    """`goods` are price ids with their quantities (None where use is metered)."""
    return {
        "add_invoice_items": [],
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": None,
        "billing_thresholds": None,
        "collection_method": None,
        "currency": currency,
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "end_date": end,
        "invoice_settings": None,
        "items": [_item(price_id, quantity) for price_id, quantity in goods],
        "metadata": {},
        "on_behalf_of": None,
        "proration_behavior": "create_prorations",
        "start_date": start,
        "transfer_data": None,
        "trial_end": None,
    }


def _item(price_id: str, quantity: int | None) -> Object:
    made: Object = {
        "billing_thresholds": None,
        "discounts": [],
        "metadata": {},
        "price": price_id,
        "tax_rates": [],
    }
    return made if quantity is None else {**made, "quantity": quantity}
