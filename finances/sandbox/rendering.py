"""An object as Stripe shows it when nothing is expanded, and its bytes."""

from __future__ import annotations

import json
from typing import Any

from .store import Object, Store

LINES_SHOWN = 10  # an invoice carries its first ten lines, /v1/invoices/{id}/lines has the rest


def encoded(answer: Any) -> bytes:
    return json.dumps(answer, separators=(",", ":")).encode("ascii")


def rendered(held: Object, store: Store) -> Object:
    """The store's own dictionary where nothing has to differ: never change what this gives."""
    kind = held.get("object")
    if kind == "invoice":
        lines = held.get("lines") or {}
        data = lines.get("data") or []
        shown = {name: value for name, value in held.items() if name != "payments"}
        if len(data) > LINES_SHOWN:
            shown["lines"] = {**lines, "data": data[:LINES_SHOWN], "has_more": True}
        return shown
    if kind == "subscription":
        items = held.get("items") or {}
        data = [_with_price(item, store) for item in items.get("data") or []]
        return {**held, "items": {**items, "data": data}}
    if kind == "subscription_item":
        return _with_price(held, store)
    return held


def rendered_bytes(object_id: str, store: Store) -> bytes:
    cached = store.bytes_cache.get(object_id)
    if cached is None:
        cached = encoded(rendered(store[object_id], store))
        store.bytes_cache[object_id] = cached
    return cached


def _with_price(item: Object, store: Store) -> Object:
    """The price as it is today: a subscription shows prices whole, not as they were when it began."""
    price = item.get("price")
    current = store.get(price["id"]) if isinstance(price, dict) and "id" in price else None
    return item if current is None or current is price else {**item, "price": current}
