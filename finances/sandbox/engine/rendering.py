"""An object as Stripe shows it when nothing is expanded, and its bytes."""

from __future__ import annotations

import json
from typing import Any

from finances.sandbox.engine.store import Object, Store

LINES_SHOWN = 10  # an invoice carries its first ten lines, /v1/invoices/{id}/lines has the rest
# What an object holds and shows only to those who ask for it by `expand[]`.
ONLY_EXPANDED: dict[str, tuple[str, ...]] = {
    "charge": ("refunds",),
    "coupon": ("applies_to", "currency_options"),
    "customer": ("cash_balance", "sources", "subscriptions", "tax", "tax_ids"),
    "invoice": ("confirmation_secret", "payments"),
    "plan": ("tiers",),
    "price": ("currency_options", "tiers"),
}


def encoded(answer: Any) -> bytes:
    return json.dumps(answer, separators=(",", ":")).encode("ascii")


def rendered(held: Object, store: Store) -> Object:
    """The store's own dictionary where nothing has to differ: never change what this gives."""
    kind = held.get("object")
    hidden = [name for name in ONLY_EXPANDED.get(str(kind), ()) if name in held]
    if hidden:
        held = {name: value for name, value in held.items() if name not in hidden}
    if kind in ("invoice", "credit_note"):
        lines = held.get("lines") or {}
        data = lines.get("data") or []
        if len(data) > LINES_SHOWN:
            return {**held, "lines": {**lines, "data": data[:LINES_SHOWN], "has_more": True}}
    elif kind == "subscription":
        items = held.get("items") or {}
        data = [_with_price(item, store) for item in items.get("data") or []]
        return {**held, "items": {**items, "data": data}}
    elif kind == "subscription_item":
        return _with_price(held, store)
    return held


def rendered_bytes(object_id: str, store: Store) -> bytes:
    cached = store.bytes_cache.get(object_id)
    if cached is None:
        shelved = store.body(object_id)
        if shelved is not None and _shown_as_held(*shelved):
            return shelved[1]
        cached = encoded(rendered(store[object_id], store))
        store.bytes_cache[object_id] = cached
    return cached


def _shown_as_held(kind: str, body: bytes) -> bool:
    """Whether `rendered` would surely change nothing, told from the JSON: reading it is what costs."""
    if kind in ("subscription", "subscription_item"):
        return False
    if kind in ("invoice", "credit_note") and body.count(b'line_item"') > LINES_SHOWN:
        return False
    return not any(f'"{name}":'.encode("ascii") in body for name in ONLY_EXPANDED.get(kind, ()))


def _with_price(item: Object, store: Store) -> Object:
    """The price as it is today: a subscription shows prices whole, not as they were when it began."""
    price = item.get("price")
    if not isinstance(price, dict):
        return item
    return {**item, "price": rendered(store.get(str(price.get("id"))) or price, store)}
