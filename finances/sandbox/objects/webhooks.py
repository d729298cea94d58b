"""Webhook endpoints."""

from __future__ import annotations

from finances.sandbox.engine.api_version import API_VERSION
from finances.sandbox.engine.store import Object


def webhook_endpoint(endpoint_id: str, created: int, url: str) -> Object:
    """As it is read back: the secret is only told when one is made."""
    return {
        "id": endpoint_id,
        "object": "webhook_endpoint",
        "api_version": API_VERSION,
        "application": None,
        "created": created,
        "description": "Staff console",
        "enabled_events": ["*"],
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
    }
