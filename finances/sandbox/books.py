"""The books: every object is added and changed here, so that each change can leave its event."""

from __future__ import annotations

from typing import Any

from .events import Events
from .identifiers import Identifiers
from .store import Object, Store


class Books:
    """`at` is the second at which the business is: in the past while history is made, then sandbox time."""

    def __init__(self, store: Store, events: Events, ids: Identifiers, at: int) -> None:
        self.store = store
        self.events = events
        self.ids = ids
        self.at = at

    def new_id(self, prefix: str) -> str:
        return self.ids.new(prefix)

    def add(self, new: Object, *event_types: str) -> Object:
        self.store.put(new)
        for event_type in event_types:
            self.events.record(event_type, new, self.at)
        return new

    def change(self, object_id: str, *event_types: str, **fields: Any) -> Object:
        """Changes top-level fields; the first event named tells what they were before."""
        old = self.store[object_id]
        new = self.store.put({**old, **fields})
        previous = {name: old.get(name) for name, value in fields.items() if old.get(name) != value}
        for number, event_type in enumerate(event_types):
            updated = event_type.endswith(".updated") and number == 0
            self.events.record(event_type, new, self.at, previous if updated else None)
        return new

    def say(self, event_type: str, about: Object) -> None:
        """An event about something that did not change."""
        self.events.record(event_type, about, self.at)
