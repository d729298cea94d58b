"""Stripe's events and objects beside ours, and a comparison of the events from its request to its end."""

from collections.abc import Iterable
from datetime import UTC, datetime

from finances.gateway import EXPANSIONS, PATHS
from finances.mirror import TYPES
from finances.models import CatchUp, Delivery, StripeObject
from finances.webhooks.catch_up import request_catch_up, run_due
from tests.local_stripe import LocalStripe

NOW = datetime.now(UTC).replace(microsecond=0)


def events(stripe, count: int, *, at: datetime, name: str = "one", **more) -> list[str]:
    """So many events of one second, put into Stripe's list; their ids."""
    body = {"object": "event", "type": "customer.updated", "created": int(at.timestamp()), "livemode": False}
    body |= {"api_version": "2026-05-27.dahlia", "pending_webhooks": 0, "request": {"id": None}}
    body |= {"data": {"object": {"id": "cus_1", "object": "customer"}}} | more
    return [stripe.put({"id": f"evt_{name}{number:04}", **body})["id"] for number in range(count)]


def hold(*event_ids: str, at: datetime = NOW, **more) -> None:
    fields = {"event_type": "customer.updated", "created_at": at, "received_at": at, "payload": {}} | more
    Delivery.objects.bulk_create(Delivery(event_id=event_id, **fields) for event_id in event_ids)


def counts(row: CatchUp) -> tuple[str, int, int, int]:
    row.refresh_from_db()
    return row.state, row.listed, row.held, row.missed


def asked(now: datetime = NOW, **more) -> CatchUp:
    """A command's comparison, from its request to its end."""
    row = request_catch_up(now=now, **more).catch_up
    run_due(lambda: now)
    row.refresh_from_db()
    return row


# Changes of an object that make no event at Stripe either: the number of a customer's next invoice.
UNTOLD = {"next_invoice_sequence"}


def objects_of(rows: Iterable[Delivery]) -> set[tuple[str, str]]:
    """Those that can be read; an upcoming invoice has no id."""
    return {(it.object_type, it.object_id) for it in rows if it.object_type in PATHS and it.object_id}


def unlike_stripe(stripe: LocalStripe, concerned: set[tuple[str, str]]) -> dict[str, set[str]]:
    """By id, the fields in which dj-stripe's rows are not what Stripe answers now."""
    found = {}
    for type_name, object_id in concerned:
        expand = {"expand[]": list(EXPANSIONS.get(type_name, ()))}
        truth = stripe.get(f"{PATHS[type_name]}/{object_id}", **expand)
        row = (TYPES[type_name].model or StripeObject)._base_manager.filter(id=object_id).first()
        ours = row.stripe_data if row else {}
        if differing := {name for name in truth | ours if truth.get(name) != ours.get(name)} - UNTOLD:
            found[object_id] = differing
    return found
