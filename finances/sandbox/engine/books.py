"""The books: every object is added and changed here, so that each change can leave its event."""

from __future__ import annotations

from typing import Any

from finances.sandbox.engine.events import Events, before, tells_what_was_before
from finances.sandbox.engine.identifiers import Identifiers
from finances.sandbox.engine.store import Object, Store


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
        """Changes top-level fields; an event such as customer.updated tells what they were before."""
        old = self.store[object_id]
        new = self.store.change(object_id, **fields)
        for event_type in event_types:
            told = self.events.keeps(self.at) and tells_what_was_before(event_type)
            previous = before(old, new) if told else None
            self.events.record(event_type, new, self.at, previous)
        return new

    def say(self, event_type: str, about: Object) -> None:
        """An event about something that did not change."""
        self.events.record(event_type, about, self.at)
