"""One form of a JSON value for all ways of writing it, so that "did it change?" is a comparison of 20 bytes."""

import json
from hashlib import blake2b
from typing import Any

import orjson


def canonical(value: dict[str, Any]) -> str:
    """Its text with sorted keys. Read back it is the same value, so it is what is stored too."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:  # numbers past 64 bits, halves of characters
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read_json(text: str) -> Any:
    """What orjson refuses (numbers past 64 bits, halves of characters), the standard library reads."""
    try:
        return orjson.loads(text)
    except ValueError:
        return json.loads(text)


def hash_of(text: str) -> bytes:
    """Of canonical text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20).digest()


def content_hash(value: dict[str, Any]) -> bytes:
    """Equal for equal JSON, whatever the order of its keys."""
    return hash_of(canonical(value))
