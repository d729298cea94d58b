"""Deliveries that no honest sender makes: each a bent copy of a true one, with what must be different about it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from finances.sandbox.engine.rendering import encoded

Json = dict[str, Any]
STALE = 3_600  # seconds by which a stale signature's stamp lies back
OVERSIZED = 1_100_000  # bytes; the console takes a million


def signature(secret: str, moment: int, body: bytes) -> str:
    """The value of Stripe-Signature: HMAC-SHA256 of "moment.body"."""
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={signed}"


def _changed(body: bytes, **fields: Any) -> bytes:
    """With an id of its own, since it is an event of its own: one that Stripe's list does not have."""
    event = json.loads(body)
    return encoded({**event, "id": f"{event['id']}_hostile", **fields})


def _without_id(body: bytes) -> bytes:
    it = json.loads(body)["data"]["object"]
    return _changed(body, data={"object": {name: value for name, value in it.items() if name != "id"}})


def _padded(body: bytes) -> bytes:
    return _changed(body, padding="x" * OVERSIZED)


BODIES: dict[str, Callable[[bytes], bytes]] = {
    "wrong_signature": lambda body: body,
    "stale": lambda body: body,
    "other_mode": lambda body: _changed(body, livemode=True),
    "other_account": lambda body: _changed(body, account="acct_1SomebodyElses000"),
    "unknown_type": lambda body: _changed(
        body, type="harbour.tide.turned", data={"object": {"id": "tide_1", "object": "harbour.tide"}}
    ),
    "old_version": lambda body: _changed(body, api_version="2015-04-07"),
    "not_json": lambda body: b"not JSON: " + body,
    "cut": lambda body: body[: len(body) // 2],
    "oversized": _padded,
    "without_id": _without_id,
}
"""By kind, in the order in which their chances are drawn: what becomes of the true delivery's body."""


def hostile_signature(kind: str, secret: str, moment: int, body: bytes) -> str:
    """Wrong or stale where that is what is wrong with it; else good, so that it is the body that has to be refused."""
    if kind == "wrong_signature":
        return signature(f"{secret}, but not quite", moment, body)
    return signature(secret, moment - STALE if kind == "stale" else moment, body)
