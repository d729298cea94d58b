"""Stripe's signature over the raw body: `t=<seconds>,v1=<hex>[,v1=<hex>]`.

Ours instead of stripe-python's, whose tolerance looks only backwards, so that a stamp ten years ahead passes.
"""

import hmac
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

TOLERANCE = 300  # seconds, in either direction


def is_signed(body: bytes, header: str, secrets: Iterable[str], now: datetime) -> bool:
    """Whether one of the header's v1 signatures is one of the secrets' over this body, made within the tolerance."""
    stamp, signatures = "", []
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name == "t":
            stamp = value
        elif name == "v1":
            signatures.append(value.encode())
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 16):
        return False
    if abs(now.timestamp() - int(stamp)) > TOLERANCE:
        return False
    good = False
    for secret in secrets:
        expected = hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest().encode()
        for signature in signatures:
            good |= hmac.compare_digest(expected, signature)
    return good
