"""What one key sees of the store."""

from __future__ import annotations

from dataclasses import dataclass

from finances.sandbox.api import errors
from finances.sandbox.api.keys import Key
from finances.sandbox.api.plans import is_plan, plan_of
from finances.sandbox.api.resources import NOUNS
from finances.sandbox.engine.store import Object, Store

SOURCES = ("charge", "dispute", "payout", "refund", "transfer")  # what a balance transaction may come from


@dataclass(frozen=True)
class View:
    """The simulated business is one in test mode: a live key finds nothing but the account."""

    store: Store
    key: Key
    account_id: str

    def find(self, kind: str, object_id: str) -> Object | None:
        """The object, or its deleted stub, whatever the mode."""
        held = self.store.get(object_id)
        if held is None:
            return None
        if kind == "plan":
            return plan_of(held) if is_plan(held) else None
        if kind == "source":
            return held if held.get("object") in SOURCES else None
        return held if held.get("object") == kind else None

    def held(self, kind: str, object_id: str, param: str = "id") -> Object:
        """404 where there is none, 400 when a parameter named it."""
        held = self.find(kind, object_id)
        if held is None:
            raise errors.no_such(NOUNS.get(kind, kind), object_id, param)
        if self.key.livemode and kind != "account":
            raise errors.no_such(NOUNS.get(kind, kind), object_id, param, other_mode="test")
        return held

    def check_scope(self, scope: str) -> None:
        """403 for a restricted key that may not read it."""
        if not self.key.may_read(scope):
            raise errors.not_permitted(self.key.value, self.account_id, scope)
