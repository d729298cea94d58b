"""Events: what happened, with the object as it was then. Stripe keeps them for 30 days, and so do we."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from finances.sandbox.engine.api_version import API_VERSION
from finances.sandbox.engine.clock import DAY
from finances.sandbox.engine.identifiers import Identifiers
from finances.sandbox.engine.rendering import rendered
from finances.sandbox.engine.store import Object, Store

KEPT = 30 * DAY
MISSING = object()

# Events that start what somebody asked for. What starts with any other (a renewal, a retry, a payout) Stripe does by
# itself, and its events name no request.
ASKED_FOR = (
    "coupon.",
    "credit_note.",
    "customer.created",
    "customer.deleted",
    "customer.discount.",
    "customer.tax_id.",
    "customer.updated",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.updated",
    "customer_cash_balance_transaction.",
    "invoiceitem.",
    "payment_method.",
    "plan.",
    "price.",
    "product.",
    "promotion_code.",
    "refund.created",
    "charge.refunded",
    "setup_intent.created",
    "subscription_schedule.canceled",
    "subscription_schedule.created",
    "subscription_schedule.released",
    "subscription_schedule.updated",
    "tax_rate.",
)


class Events:
    """`deliver` is called with each new event's id; whoever sends it sets its `pending_webhooks`.

    Every event is counted, also one that is not kept because it is too old: so an id depends on what happened, and not
    on when one began to keep them.
    """

    def __init__(self, store: Store, ids: Identifiers) -> None:
        self._store = store
        self._ids = ids
        self._causes = 0
        self._asked_for: bool | None = None  # known from the cause's first event on
        self.horizon = 0
        self.made = 0
        self.deliver: Callable[[str], None] = lambda _event_id: None

    def begin(self) -> None:
        """From here on another cause: what follows is one request's doing, or nobody's."""
        self._causes += 1
        self._asked_for = None

    def record(self, event_type: str, about: Object, at: int, previous: Object | None = None) -> str | None:
        """The new event's id, or None when it would already be forgotten."""
        self.made += 1
        if self._asked_for is None:
            self._asked_for = _asked_for(event_type, about)
        if at < self.horizon:
            return None
        data: Object = {"object": rendered(about, self._store)}
        if previous is not None:
            data["previous_attributes"] = previous
        of_payment = str(about.get("id")).startswith(("pi_3", "ch_3", "re_3"))
        event: Object = {
            "id": f"evt_{3 if of_payment else 1}{self._ids.of(f'event {self.made}', 23)}",
            "object": "event",
            "api_version": API_VERSION,
            "created": at,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": self._request(),
            "type": event_type,
        }
        self._store.put(event)
        self.deliver(event["id"])
        return str(event["id"])

    def keeps(self, at: int) -> bool:
        return at >= self.horizon

    def forget_before(self, moment: int) -> None:
        self.horizon = moment
        for _, _, event_id in list(self._store.walk("event", below=(moment, 0, ""), newest_first=False)):
            self._store.delete(event_id)

    def _request(self) -> Object:
        if not self._asked_for:
            return {"id": None, "idempotency_key": None}
        cause = f"cause {self._causes}"
        key = uuid.UUID(bytes=self._ids.of(cause, 16).encode("ascii"), version=4)
        return {"id": f"req_{self._ids.of(cause, 14)}", "idempotency_key": str(key)}


def before(old: Object, new: Object) -> Object:
    """What the changed fields were, as `previous_attributes` tells it: of a nested object only the changed keys, a list
    whole, null for what was not there."""
    told: Object = {}
    for name in [*new, *(name for name in old if name not in new)]:
        was, now = old.get(name, MISSING), new.get(name, MISSING)
        if was == now:
            continue
        if isinstance(was, dict) and isinstance(now, dict):
            told[name] = before(was, now)
        else:
            told[name] = None if was is MISSING else was
    return told


def tells_what_was_before(event_type: str) -> bool:
    return event_type.endswith(".updated") or event_type == "charge.refunded"


def _asked_for(event_type: str, about: Object) -> bool:
    if event_type == "invoice.created":
        return about.get("billing_reason") in ("manual", "subscription_create")
    if event_type == "customer.subscription.deleted" and about.get("cancel_at_period_end"):
        return False
    return event_type.startswith(ASKED_FOR)
