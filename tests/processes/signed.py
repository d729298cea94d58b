"""Events as Stripe would send them, signed with this process's secret."""

import hmac
import json
import os
import time
from hashlib import sha256
from typing import Any


def event_body(event_id: str, event_type: str, about: dict[str, Any], *, size: int = 0) -> bytes:
    """An event about an object, filled up to `size` bytes where it is smaller."""
    event = {
        "id": event_id,
        "object": "event",
        "api_version": "2026-05-27.dahlia",
        "created": int(time.time()),
        "data": {"object": about},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": event_type,
    }
    body = json.dumps(event).encode()
    if len(body) < size:
        event["data"]["object"] = {**about, "description": "x" * (size - len(body) - len(', "description": ""'))}
        body = json.dumps(event).encode()
    return body


def signature(body: bytes, *, secret: str = "", at: int | None = None) -> str:
    """The value of Stripe-Signature."""
    secret = secret or os.environ["DJSTRIPE_WEBHOOK_SECRET"]
    stamp = int(time.time()) if at is None else at
    return f"t={stamp},v1={hmac.new(secret.encode(), f'{stamp}.'.encode() + body, sha256).hexdigest()}"
