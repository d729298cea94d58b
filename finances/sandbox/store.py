"""Every object by its id, and by type in the order of creation.

Objects are never changed in place: a change puts a new dictionary there. So an event can hold the old one as its
snapshot, and the bytes of an answer stay good until the next put.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Any

Object = dict[str, Any]
LINKS = ("customer", "invoice", "payment_intent", "product")
Key = tuple[int, int, str]  # created, arrival, id: how Stripe orders a list, newest last here


def subscription_of(invoice: Object) -> str | None:
    """An invoice names its subscription two levels down since 2025-03-31."""
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    named = details.get("subscription")
    return named if isinstance(named, str) else None


def _links(found: Object) -> dict[str, str]:
    """What lists of this object can be asked by, quickly."""
    links = {name: found[name] for name in LINKS if isinstance(found.get(name), str)}
    if found["object"] == "invoice" and (subscription := subscription_of(found)):
        links["subscription"] = subscription
    if found["object"] == "invoice_payment":
        links["payment_intent"] = str((found.get("payment") or {}).get("payment_intent"))
    return links


class Store:
    """Not thread-safe by itself: the sandbox's one lock is held around it."""

    def __init__(self) -> None:
        self._objects: dict[str, Object] = {}
        self._keys: dict[str, Key] = {}
        self._by_type: dict[str, list[Key]] = {}
        self._by_link: dict[tuple[str, str, str], list[Key]] = {}
        self._item_subscription: dict[str, str] = {}
        self._deleted: dict[str, Object] = {}
        self.bytes_cache: dict[str, bytes] = {}
        self._arrivals = 0

    def get(self, object_id: str) -> Object | None:
        """The object as it is now; a subscription item comes out of its subscription; a deleted stub counts."""
        found = self._objects.get(object_id) or self._deleted.get(object_id)
        if found is None and (subscription := self._item_subscription.get(object_id)):
            items = (self._objects.get(subscription) or {}).get("items") or {}
            return next((item for item in items.get("data") or [] if item.get("id") == object_id), None)
        return found

    def put(self, new: Object) -> Object:
        object_id = new["id"]
        self._deleted.pop(object_id, None)
        if new["object"] == "subscription_item" and self._put_item(new):
            return new
        old = self._objects.get(object_id)
        self._objects[object_id] = new
        self.bytes_cache.pop(object_id, None)
        if new["object"] == "price":
            self.bytes_cache.clear()  # subscriptions show their prices whole
        if old is None:
            self._arrivals += 1
            self._enter(new, (_created(new), self._arrivals, object_id))
        elif _created(old) != _created(new) or old["object"] != new["object"] or _links(old) != _links(new):
            self._leave(old)
            self._enter(new, (_created(new), self._arrivals, object_id))
        if new["object"] == "subscription":
            for item in (new.get("items") or {}).get("data") or []:
                self._item_subscription[str(item.get("id"))] = object_id
        return new

    def change(self, object_id: str, **fields: Any) -> Object:
        return self.put({**self._objects[object_id], **fields})

    def delete(self, object_id: str, stub: Object | None = None) -> None:
        """Takes it out of every list; with a stub, a retrieve answers that from now on."""
        old = self._objects.pop(object_id, None)
        if old is not None:
            self._leave(old)
        self.bytes_cache.pop(object_id, None)
        if stub is not None:
            self._deleted[object_id] = stub

    def keys(self, object_type: str, link: tuple[str, str] | None = None) -> list[Key]:
        """The type's keys, oldest first; with a link such as ("customer", "cus_...") only what hangs on it."""
        if link is None:
            return self._by_type.get(object_type, [])
        return self._by_link.get((object_type, *link), [])

    def key(self, object_id: str) -> Key | None:
        return self._keys.get(object_id)

    def of_type(self, object_type: str, link: tuple[str, str] | None = None) -> Iterator[Object]:
        """Oldest first."""
        return (self._objects[key[2]] for key in list(self.keys(object_type, link)))

    def __getitem__(self, object_id: str) -> Object:
        return self._objects[object_id]

    def __contains__(self, object_id: str) -> bool:
        return object_id in self._objects

    def _enter(self, new: Object, key: Key) -> None:
        self._keys[new["id"]] = key
        insort(self._by_type.setdefault(new["object"], []), key)
        for name, value in _links(new).items():
            insort(self._by_link.setdefault((new["object"], name, value), []), key)

    def _leave(self, old: Object) -> None:
        key = self._keys.pop(old["id"])
        lists = [self._by_type[old["object"]]]
        lists += [self._by_link[(old["object"], name, value)] for name, value in _links(old).items()]
        for keys in lists:
            del keys[bisect_left(keys, key)]

    def _put_item(self, item: Object) -> bool:
        subscription = self._objects.get(str(item.get("subscription")))
        if subscription is None:
            return False
        items = subscription["items"]
        others = [held for held in items["data"] if held["id"] != item["id"]]
        at = next((n for n, held in enumerate(items["data"]) if held["id"] == item["id"]), len(others))
        others.insert(at, item)
        self.put({**subscription, "items": {**items, "data": others}})
        return True


def _created(found: Object) -> int:
    created = found.get("created")
    return created if isinstance(created, int) else 0
