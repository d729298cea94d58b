"""Setup intents: how a payment method came to be kept for later."""

from __future__ import annotations

from finances.sandbox.engine.store import Object

from .declines import Decline
from .payments import payment_error


def setup_intent(
    setup_id: str,
    created: int,
    customer_id: str,
    method: Object | None,
    kind: str,
    secret: str,
    status: str = "succeeded",
    decline: Decline | None = None,
) -> Object:
    """`method` is None until one is good; with a decline it stands in the error instead."""
    options: Object = {"card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}}
    return {
        "id": setup_id,
        "object": "setup_intent",
        "application": None,
        "automatic_payment_methods": None,
        "cancellation_reason": None,
        "client_secret": f"{setup_id}_secret_{secret}",
        "created": created,
        "customer": customer_id,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": payment_error(decline, None, method) if decline and method else None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": {},
        "next_action": USE_SDK if status == "requires_action" else None,
        "on_behalf_of": None,
        "payment_method": method["id"] if method and decline is None else None,
        "payment_method_configuration_details": None,
        "payment_method_options": options if kind == "card" else {},
        "payment_method_types": [kind],
        "single_use_mandate": None,
        "status": status,
        "usage": "off_session",
    }


USE_SDK: Object = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
