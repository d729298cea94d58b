"""Stripe's events and ours, and a comparison of them from its request to its end."""

from datetime import UTC, datetime

from finances.models import CatchUp, Delivery
from finances.webhooks.catch_up import request_catch_up, run_due

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
