"""Every object by its id, and by type in the order of creation.

Objects are never changed in place: a change puts a new dictionary there. So an event can hold the old one as its
snapshot, and the bytes of an answer stay good until the next put.

The newest objects are at hand as dictionaries; when they are too many, the older ones go onto the shelf, a file.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from heapq import merge
from itertools import islice
from typing import Any

from finances.sandbox.engine.bytes_cache import BytesCache
from finances.sandbox.engine.links import Link, List, lists_of, stands_as_before, telling
from finances.sandbox.engine.links import subscription_of as subscription_of
from finances.sandbox.engine.shelf import Key as Key  # created, arrival, id: how Stripe orders a list, newest last here
from finances.sandbox.engine.shelf import Shelf

Object = dict[str, Any]
AT_HAND = 14_000  # objects before the shelf is needed
STAYING = 3_000  # the newest ones, which are about to change again, stay at hand


class Store:
    """Not thread-safe by itself: the sandbox's one lock is held around it."""

    def __init__(self, at_hand: int = AT_HAND) -> None:
        self._at_hand = at_hand
        self._objects: dict[str, Object] = {}
        self._keys: dict[str, Key] = {}
        self._lists: dict[List, list[Key]] = {}
        self._ties: dict[str, set[Link]] = {}
        self._shelf: Shelf | None = None
        self._item_subscription: dict[str, str] = {}
        self._deleted: dict[str, Object] = {}
        self.bytes_cache = BytesCache()
        self._arrivals = 0

    def close(self) -> None:
        """Gives the shelf's file back; nothing is to be asked any more."""
        if self._shelf is not None:
            self._shelf.close()

    def get(self, object_id: str) -> Object | None:
        """The object as it is now; a subscription item comes out of its subscription; a deleted stub counts."""
        found = self._find(object_id) or self._deleted.get(object_id)
        if found is None and (subscription := self._item_subscription.get(object_id)):
            items = (self._find(subscription) or {}).get("items") or {}
            return next((item for item in items.get("data") or [] if item.get("id") == object_id), None)
        return found

    def body(self, object_id: str) -> tuple[str, bytes] | None:
        """Type and JSON of an object that lies on the shelf; None for one that is at hand, or is not at all."""
        return None if self._shelf is None or object_id in self._objects else self._shelf.body(object_id)

    def put(self, new: Object) -> Object:
        """ValueError and its like for something too bent to be held; then nothing has changed."""
        object_id = new["id"]
        if new["object"] == "subscription_item" and self._put_item(new):
            return new
        self._deleted.pop(object_id, None)
        self.bytes_cache.pop(object_id, None)
        if new["object"] == "price":
            self.bytes_cache.clear()  # subscriptions show their prices whole
        if object_id in self._objects:
            self._replace(self._objects[object_id], new, self._keys[object_id][1])
        elif self._shelf is not None and (shelved := self._shelf.get(object_id)) is not None:
            self._replace_shelved(self._shelf, shelved[1], new, shelved[0])
        else:
            lists = lists_of(new)  # first: something bent stops here, before anything is entered
            self._arrivals += 1
            self._objects[object_id] = new
            self._enter(lists, (_created(new), self._arrivals, object_id))
            if len(self._objects) > self._at_hand:
                self._tidy()
        if new["object"] == "subscription":
            for item in (new.get("items") or {}).get("data") or []:
                self._item_subscription[str(item.get("id"))] = object_id
        return new

    def change(self, object_id: str, **fields: Any) -> Object:
        """Other values for some top-level fields."""
        old = self._objects.get(object_id)
        if old is not None and old["object"] != "price" and telling(old["object"]).isdisjoint(fields):
            # It stands where it stood: the usual case, and a short way.
            new = self._objects[object_id] = {**old, **fields}
            self.bytes_cache.pop(object_id, None)
            return new
        return self.put({**self[object_id], **fields})

    def delete(self, object_id: str, stub: Object | None = None) -> None:
        """Takes it out of every list; with a stub, a retrieve answers that from now on. A subscription item leaves its
        subscription."""
        if object_id in self._objects:
            old = self._objects.pop(object_id)
            self._leave(self._all_lists(old), self._keys[object_id])
            del self._keys[object_id]
            self._ties.pop(object_id, None)
        elif self._shelf is not None and (shelved := self._shelf.get(object_id)) is not None:
            arrival, old = shelved
            self._shelf.leave(lists_of(old) | _tied(old, self._shelf.ties(arrival)), _created(old), arrival)
            self._shelf.delete(object_id, arrival)
        elif subscription := self._find(self._item_subscription.pop(object_id, "")):
            self._put_items(subscription, [held for held in subscription["items"]["data"] if held["id"] != object_id])
        self.bytes_cache.pop(object_id, None)
        if stub is not None:
            self._deleted[object_id] = stub

    def tie(self, object_id: str, name: str, value: str) -> None:
        """A link that the object itself does not show, such as the payout of a balance transaction. It stays when the
        object changes; lists take it as they take the others."""
        if object_id in self._objects:
            ties = self._ties.setdefault(object_id, set())
            if (name, value) not in ties:
                ties.add((name, value))
                self._enter({(self._objects[object_id]["object"], name, value)}, self._keys[object_id])
        elif self._shelf is not None and (shelved := self._shelf.get(object_id)) is not None:
            arrival, held = shelved
            self._shelf.tie(arrival, name, value)
            self._shelf.enter({(held["object"], name, value)}, _created(held), arrival)
        else:
            raise KeyError(object_id)

    def walk(
        self,
        object_type: str,
        link: Link | None = None,
        *,
        below: Key | None = None,
        above: Key | None = None,
        newest_first: bool = True,
    ) -> Iterator[Key]:
        """The keys strictly between `above` and `below`, one by one: what a list of any length is read with, for it
        fetches no more than is taken. A bound need not be anybody's key: `above=(created, 0, "")` is "created then or
        later". A `link` is one of those in links.py, or a tie."""
        wanted = _list(object_type, link)
        keys = self._lists.get(wanted, [])
        start = bisect_right(keys, above) if above is not None else 0
        end = bisect_left(keys, below) if below is not None else len(keys)
        part = keys[start:end]
        if newest_first:
            part.reverse()
        if self._shelf is None:
            return iter(part)
        last = self._arrivals if not self._objects else self._keys[next(iter(self._objects))][1] - 1
        shelved = self._shelf.walk(wanted, below, above, newest_first)
        # What goes onto the shelf in the midst of it was at hand when it began.
        return merge((key for key in shelved if key[1] <= last), part, reverse=newest_first)

    def keys(self, object_type: str, link: Link | None = None) -> list[Key]:
        """The type's keys, oldest first; with a link only what hangs on it. `walk` is for what may be long."""
        return list(self.walk(object_type, link, newest_first=False))

    def count(self, object_type: str, link: Link | None = None) -> int:
        wanted = _list(object_type, link)
        return len(self._lists.get(wanted, ())) + (self._shelf.count(wanted) if self._shelf is not None else 0)

    def types(self) -> list[str]:
        """Those of which there is at least one object."""
        there = {kind for kind, name, _ in self._lists if not name}
        return sorted(there | set(self._shelf.types() if self._shelf is not None else ()))

    def key(self, object_id: str) -> Key | None:
        """None for what is not in a list: nothing of that id, a deleted stub, a subscription item."""
        if object_id in self._keys:
            return self._keys[object_id]
        if self._shelf is not None and (shelved := self._shelf.get(object_id)) is not None:
            return _created(shelved[1]), shelved[0], object_id
        return None

    def of_type(self, object_type: str, link: Link | None = None) -> Iterator[Object]:
        """Oldest first, each as it is when its turn comes; those that were deleted until then are left out."""
        for key in self.walk(object_type, link, newest_first=False):
            if (held := self._find(key[2])) is not None:
                yield held

    def __getitem__(self, object_id: str) -> Object:
        found = self._find(object_id)
        if found is None:
            raise KeyError(object_id)
        return found

    def __contains__(self, object_id: str) -> bool:
        return object_id in self._objects or (self._shelf is not None and object_id in self._shelf)

    def _find(self, object_id: str) -> Object | None:
        found = self._objects.get(object_id)
        if found is None and self._shelf is not None and (shelved := self._shelf.get(object_id)) is not None:
            return shelved[1]
        return found

    def _replace(self, old: Object, new: Object, arrival: int) -> None:
        object_id = new["id"]
        if stands_as_before(old, new):
            self._objects[object_id] = new
            return
        ties = self._ties.get(object_id, set())
        before, after = lists_of(old) | _tied(old, ties), lists_of(new) | _tied(new, ties)
        self._objects[object_id] = new
        if _created(old) != _created(new):
            self._leave(before, self._keys[object_id])
            self._enter(after, (_created(new), arrival, object_id))
        elif before != after:
            self._leave(before - after, self._keys[object_id])
            self._enter(after - before, self._keys[object_id])

    def _replace_shelved(self, shelf: Shelf, old: Object, new: Object, arrival: int) -> None:
        if not stands_as_before(old, new):
            ties = shelf.ties(arrival)
            before, after = lists_of(old) | _tied(old, ties), lists_of(new) | _tied(new, ties)
            moved = _created(old) != _created(new)
            shelf.leave(before if moved else before - after, _created(old), arrival)
            shelf.enter(after if moved else after - before, _created(new), arrival)
        shelf.replace(new["id"], arrival, new)

    def _enter(self, lists: set[List], key: Key) -> None:
        self._keys[key[2]] = key
        for each in lists:
            held = self._lists.setdefault(each, [])
            if held and held[-1] > key:
                insort(held, key)
            else:
                held.append(key)

    def _leave(self, lists: set[List], key: Key) -> None:
        for each in lists:
            keys = self._lists[each]
            del keys[bisect_left(keys, key)]
            if not keys:
                del self._lists[each]

    def _all_lists(self, found: Object) -> set[List]:
        return lists_of(found) | _tied(found, self._ties.get(found["id"], set()))

    def _tidy(self) -> None:
        """The older ones go onto the shelf: those at hand arrived later than all that are there."""
        if self._shelf is None:
            self._shelf = Shelf()
        staying = min(STAYING, self._at_hand // 2)
        leaving = list(islice(self._objects, len(self._objects) - staying))
        last = self._keys[leaving[-1]][1]
        objects = [(self._keys[each][1], self._objects.pop(each)) for each in leaving]
        ties = {self._keys[each][1]: self._ties.pop(each) for each in leaving if each in self._ties}
        lists = [(each, [key for key in keys if key[1] <= last]) for each, keys in self._lists.items()]
        self._shelf.fill(objects, lists, ties)
        kept = ((each, [key for key in keys if key[1] > last]) for each, keys in self._lists.items())
        self._lists = {each: keys for each, keys in kept if keys}
        for each in leaving:
            del self._keys[each]

    def _put_item(self, item: Object) -> bool:
        subscription = self._find(str(item.get("subscription")))
        if subscription is None:
            return False
        data = subscription["items"]["data"]
        others = [held for held in data if held["id"] != item["id"]]
        others.insert(next((n for n, held in enumerate(data) if held["id"] == item["id"]), len(others)), item)
        self._put_items(subscription, others)
        return True

    def _put_items(self, subscription: Object, data: list[Object]) -> None:
        self.put({**subscription, "items": {**subscription["items"], "data": data}})


def _list(object_type: str, link: Link | None) -> List:
    return (object_type, *(link or ("", "")))


def _tied(found: Object, ties: set[Link]) -> set[List]:
    return {(found["object"], *tie) for tie in ties}


def _created(found: Object) -> int:
    created = found.get("created", found.get("date"))  # an invoice item has its date instead
    return created if isinstance(created, int) else 0
