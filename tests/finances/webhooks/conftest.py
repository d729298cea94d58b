import hmac
import json
import os
import time
from hashlib import sha256

import pytest


def signed(body: bytes, *, secret: str | None = None, at: float | None = None) -> str:
    stamp = int(time.time() if at is None else at)
    secret = os.environ["DJSTRIPE_WEBHOOK_SECRET"] if secret is None else secret
    return f"t={stamp},v1={hmac.new(secret.encode(), f'{stamp}.'.encode() + body, sha256).hexdigest()}"


def event(event_id: str = "evt_1", type: str = "customer.updated", **more) -> dict:
    return {
        "id": event_id,
        "object": "event",
        "type": type,
        "created": 1_795_000_000,
        "api_version": "2026-05-27.dahlia",
        "livemode": False,
        "data": {"object": {"id": "cus_1", "object": "customer"}},
        **more,
    }


@pytest.fixture
def deliver(client):
    """POST an event, or raw bytes, as Stripe does."""

    def post(what: dict | bytes, *, signature: str | None = None, **headers):
        body = what if isinstance(what, bytes) else json.dumps(what).encode()
        return client.post(
            "/api/finances/stripe/webhook/",
            body,
            content_type="application/json",
            headers={"Stripe-Signature": signed(body) if signature is None else signature, **headers},
        )

    return post
