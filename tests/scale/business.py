"""The moulds: a business of the local Stripe, read by the mirror itself into the database of Django's settings."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from hashlib import blake2b, sha256
from itertools import batched
from typing import Any

from django.conf import settings
from django.utils import timezone

from finances import mirror
from finances.gateway import Gateway
from finances.models import Charge, Customer, Delivery, Invoice, InvoicePayment, ResyncRun, Subscription
from finances.resync.request import request_resync
from finances.resync.run import work_off
from finances.sandbox import Sandbox
from finances.tickets import take_ticket
from finances.webhooks.intake import delivery_of
from tests.scale.rows import canonical

Json = dict[str, Any]

MONTHS = 24
SEED = 11
QUARANTINED, IGNORED = 300, 200  # of so many deliveries one


def make_business(customers: int) -> None:
    """Everything that the local Stripe has, each invoice with two lines at least, a webhook for each."""
    sandbox = Sandbox(customers=customers, months=MONTHS, seed=SEED, clock_runs=False)
    settings.STRIPE_API_BASE = sandbox.start(port=0)
    try:
        run = request_resync("all", now=timezone.now()).run
        work_off(run.pk, timezone.now)
        run.refresh_from_db()
        if run.state != ResyncRun.State.COMPLETE:
            raise RuntimeError(f"The moulds could not be read: {run.state}. {run.problem}")
        _give_two_lines()
        Delivery.objects.bulk_create(_deliveries())
    finally:
        sandbox.stop()


def _give_two_lines() -> None:
    """Most of the local Stripe's invoices have one: they get another, of what was within the plan's allowance."""
    gateway = Gateway()
    invoices = (it for it in _stored("invoice", Invoice) if len(it["lines"]["data"]) == 1)
    for page in batched(invoices, 100, strict=False):
        changed = [_with_allowance(it) for it in page]
        mirror.write(gateway, "invoice", changed, ticket=take_ticket(), now=timezone.now())


def _with_allowance(invoice: Json) -> Json:
    invoice = deepcopy(invoice)
    lines = invoice["lines"]
    line = deepcopy(lines["data"][0])
    line |= {
        "id": "il_1" + blake2b(line["id"].encode(), digest_size=12).hexdigest()[:23],
        "description": "Usage within the plan’s allowance",
        "amount": 0,
        "subtotal": 0,
    }
    line |= {name: [] for name in ("discount_amounts", "discounts", "taxes", "pretax_credit_amounts") if name in line}
    lines["data"].append(line)
    if "total_count" in lines:
        lines["total_count"] = len(lines["data"])
    return invoice


def _deliveries() -> Iterator[Delivery]:
    """One for each invoice, payment without an invoice, subscription and customer."""
    links = InvoicePayment.objects.values_list("invoice_id", "payment_intent_id")
    of_invoices = {payment_id for _, payment_id in links}
    charges = {it["payment_intent"]: it for it in _stored("charge", Charge) if it.get("payment_intent")}
    paid_by = {invoice_id: charges.get(payment_id) for invoice_id, payment_id in links}
    told: list[tuple[str, Json]] = []
    for place, invoice in enumerate(_stored("invoice", Invoice)):
        charge = paid_by.get(invoice["id"])
        if charge and place % 2:
            told.append((f"charge.{charge['status']}", charge))
        elif invoice["status"] == "paid":
            told.append(("invoice.paid", invoice))
        else:
            told.append(("invoice.payment_failed" if invoice.get("attempt_count") else "invoice.updated", invoice))
    told += [(f"charge.{it['status']}", it) for payment_id, it in charges.items() if payment_id not in of_invoices]
    told += [("customer.subscription.updated", it) for it in _stored("subscription", Subscription)]
    told += [("customer.updated", it) for it in _stored("customer", Customer) if not it.get("deleted")]
    for place, (event_type, it) in enumerate(told):
        yield _delivery(place, event_type, it)


def _delivery(place: int, event_type: str, it: Json) -> Delivery:
    event = {
        "id": "evt_1" + blake2b(f"{event_type} {it['id']}".encode(), digest_size=12).hexdigest()[:23],
        "object": "event",
        "api_version": settings.STRIPE_API_VERSION,
        "created": it["created"],
        "data": {"object": it},
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": None, "idempotency_key": None},
        "type": event_type,
    }
    body = canonical(event).encode()
    delivery = delivery_of(event, timezone.now())
    delivery.received_at = delivery.created_at + timedelta(seconds=2)
    delivery.processed_at = delivery.received_at + timedelta(seconds=1)
    delivery.payload_hash, delivery.payload_bytes = sha256(body).hexdigest(), len(body)
    delivery.state, delivery.tries, delivery.outcome = Delivery.State.PROCESSED, 1, "changed"
    at = delivery.processed_at.isoformat()
    delivery.arrivals = [{"at": at, "signed_with": "current", "age": 1, "headers": {}}]
    delivery.try_log = [{"at": at, "worker": "worker-1", "ms": 41, "calls": 1}]
    if place % QUARANTINED == QUARANTINED - 1:
        delivery.state, delivery.outcome, delivery.reason = Delivery.State.QUARANTINED, "", "It does not fit."
    elif place % IGNORED == IGNORED - 1:
        delivery.state, delivery.outcome, delivery.reason = Delivery.State.IGNORED, "", "It is of live mode."
    return delivery


def _stored(type_name: str, read_model: Any) -> list[Json]:
    """Stripe's JSON of everything that the read model shows, in the order of ids."""
    model: Any = mirror.TYPES[type_name].model
    shown = model.objects.filter(id__in=read_model.objects.values("id")).order_by("id")
    return list(shown.values_list("stripe_data", flat=True))
