"""Fields in which Stripe writes an id, or the object itself where it was asked for it."""

from typing import Any


def id_of(value: str | dict[str, Any] | None) -> str:
    """Empty where there is neither."""
    return (value.get("id") if isinstance(value, dict) else value) or ""
