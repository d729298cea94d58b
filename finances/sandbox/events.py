"""Events: what happened, with the object as it was then. Stripe keeps them for 30 days, and so do we."""

from __future__ import annotations

from collections.abc import Callable

from .clock import DAY
from .identifiers import Identifiers
from .objects import API_VERSION
from .rendering import rendered
from .store import Object, Store

KEPT = 30 * DAY


class Events:
    """`deliver` is called with each new event's id; whoever sends it sets its `pending_webhooks`."""

    def __init__(self, store: Store, ids: Identifiers) -> None:
        self._store = store
        self._ids = ids
        self.horizon = 0
        self.made = 0
        self.deliver: Callable[[str], None] = lambda _event_id: None
        self.request: Object = {"id": None, "idempotency_key": None}

    def record(self, event_type: str, about: Object, at: int, previous: Object | None = None) -> str | None:
        """The new event's id, or None when it would already be forgotten."""
        if at < self.horizon:
            return None
        data: Object = {"object": rendered(about, self._store)}
        if previous is not None:
            data["previous_attributes"] = previous
        event: Object = {
            "id": self._ids.new("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": at,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": self.request,
            "type": event_type,
        }
        self._store.put(event)
        self.made += 1
        self.deliver(event["id"])
        return str(event["id"])

    def forget_before(self, moment: int) -> None:
        self.horizon = moment
        for key in list(self._store.keys("event")):
            if key[0] >= moment:
                break
            self._store.delete(key[2])
