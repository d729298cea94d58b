"""What a list of objects can be asked by without looking at every one of them."""

from __future__ import annotations

from typing import Any

LINKS = frozenset(
    ("customer", "invoice", "payment_intent", "product", "charge", "subscription", "coupon", "source", "schedule")
)
# Other fields that lists are often asked by, for each type.
FILED: dict[str, tuple[str, ...]] = {
    "customer": ("email",),
    "event": ("type",),
    "invoice": ("status",),
    "subscription": ("status",),
}
Link = tuple[str, str]  # such as ("customer", "cus_...")
List = tuple[str, str, str]  # a type and a link; both parts of the link are empty for all of the type

COMMON = frozenset(("object", "created", "date", *LINKS))
TELLING = {kind: COMMON | set(names) for kind, names in FILED.items()}
TELLING["invoice"] |= {"parent"}
TELLING["invoiceitem"] = COMMON | {"parent"}
TELLING["invoice_payment"] = COMMON | {"payment"}
TELLING["subscription"] |= {"items"}
TELLING["promotion_code"] = COMMON | {"promotion"}


def subscription_of(invoice: dict[str, Any]) -> str | None:
    """An invoice names its subscription two levels down since 2025-03-31, and so does an invoice item."""
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    named = details.get("subscription")
    return named if isinstance(named, str) else None


def lists_of(found: dict[str, Any]) -> set[List]:
    """All of its type, and one for each link. A subscription has as many of `price` as it has items."""
    kind = found["object"]
    lists = {(kind, "", "")}
    for name in found.keys() & LINKS:
        if type(value := found[name]) is str:
            lists.add((kind, name, value))
    for name in FILED.get(kind, ()):
        if type(value := found.get(name)) is str:
            lists.add((kind, name, value))
    if kind in ("invoice", "invoiceitem"):
        if subscription := subscription_of(found):
            lists.add((kind, "subscription", subscription))
    elif kind == "invoice_payment":
        lists.add((kind, "payment_intent", str((found.get("payment") or {}).get("payment_intent"))))
    elif kind == "subscription":
        prices = [item.get("price") for item in (found.get("items") or {}).get("data") or []]
        lists |= {(kind, "price", price["id"]) for price in prices if isinstance(price, dict) and "id" in price}
    elif kind == "promotion_code" and isinstance(coupon := (found.get("promotion") or {}).get("coupon"), str):
        lists.add((kind, "coupon", coupon))
    return lists


def telling(kind: str) -> frozenset[str]:
    """The fields that decide in which lists an object stands, and where."""
    return TELLING.get(kind, COMMON)


def stands_as_before(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Quickly: whether nothing was touched that a list depends on. False only says that it may have been."""
    if old["object"] != new["object"]:
        return False
    return all(old.get(name) is new.get(name) for name in telling(new["object"]))
