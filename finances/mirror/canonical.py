"""One form of a JSON value for all ways of writing it, so that "did it change?" is a comparison of 20 bytes."""

import json
from hashlib import blake2b
from typing import Any


def content_hash(value: dict[str, Any]) -> bytes:
    """Equal for equal JSON, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20).digest()
