"""Stripe's signature over the raw body: `t=<seconds>,v1=<hex>[,v1=<hex>]`.

Ours instead of stripe-python's, whose tolerance looks only backwards, so that a stamp ten years ahead passes.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

TOLERANCE = 300  # seconds, in either direction


class Signed(NamedTuple):
    """`secret`: the name of the one it was made with. `age`: seconds from the stamp to now, below 0 if it is ahead."""

    secret: str
    age: float

    @property
    def is_too_old(self) -> bool:
        return self.age > TOLERANCE

    @property
    def is_ahead(self) -> bool:
        return self.age < -TOLERANCE


def verify(body: bytes, header: str, secrets: Mapping[str, str], now: datetime) -> Signed | None:
    """With which of the secrets, by name, one of the header's v1 signatures was made; None when with none of them.

    Every secret is compared with every signature, so that the time it takes tells nothing.
    """
    stamp, signatures = "", []
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name == "t":
            stamp = value
        elif name == "v1" and value.isascii():
            signatures.append(value)
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 16):
        return None
    made_with = ""
    for name, secret in secrets.items():
        expected = hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()
        matches = [hmac.compare_digest(expected, signature) for signature in signatures]
        if any(matches):
            made_with = made_with or name
    return Signed(made_with, now.timestamp() - int(stamp)) if made_with else None
