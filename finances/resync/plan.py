"""What a resync will read, step by step, before anything is read."""

import re
from datetime import datetime
from typing import Any, NamedTuple

from finances.mirror import TYPES, type_of_id
from finances.models import Invoice, ObjectState, Subscription

Step = dict[str, Any]

# In `all` and by name. Payment methods have no list of their own without a customer; they come with one.
LISTED = ("product", "price", "customer", "subscription", "payment_intent", "charge", "invoice", "invoice_payment")

# What hangs on an object, as filters of Stripe's lists. {id} is the object's.
CHILDREN: dict[str, tuple[Step, ...]] = {
    "customer": (
        {"type": "payment_method", "filters": {"customer": "{id}"}},
        {"type": "subscription", "filters": {"customer": "{id}", "status": "all"}},
        {"type": "payment_intent", "filters": {"customer": "{id}"}},
        {"type": "charge", "filters": {"customer": "{id}"}},
        {"type": "invoice", "filters": {"customer": "{id}"}},
    ),
    "subscription": ({"type": "invoice", "filters": {"subscription": "{id}"}},),
    "payment_intent": ({"type": "charge", "filters": {"payment_intent": "{id}"}},),
    "product": ({"type": "price", "filters": {"product": "{id}"}},),
}


class UnknownTarget(ValueError):
    """The target is neither an id, nor a type, nor `all`; the message says so in the user's words."""


class Plan(NamedTuple):
    """`steps`: JSON, each {"type", "id"} for one object or {"type", "filters"} for a list; `estimate`: objects."""

    steps: list[Step]
    estimate: int


def make_plan(target: str, *, since: datetime | None = None, until: datetime | None = None) -> Plan:
    """The plan for a Stripe id (the object and its children), a type, or `all`. Raises UnknownTarget."""
    created = {}
    if since:
        created["gte"] = int(since.timestamp())
    if until:
        created["lt"] = int(until.timestamp())
    if target == "all" or target in LISTED:
        types = LISTED if target == "all" else (target,)
        steps = [_list_step(type_name, created) for type_name in types]
        return Plan(steps, ObjectState.objects.filter(type__in=types, deleted_at=None).count())
    type_name = type_of_id(target)
    if type_name is None or type_name not in TYPES or not re.fullmatch(r"[a-z]+_\w{1,240}", target, re.ASCII):
        # Not repeated: what was pasted by mistake may be a key.
        raise UnknownTarget(f"This is not a Stripe id that Paydesk knows, nor one of: {', '.join(LISTED)}, all.")
    if created:
        raise UnknownTarget("A range of creation goes with a type or with all, not with one object.")
    children = [
        {"type": step["type"], "filters": {name: value.format(id=target) for name, value in step["filters"].items()}}
        for step in CHILDREN.get(type_name, ())
    ]
    return Plan([{"type": type_name, "id": target}, *children], 1 + _children_here(type_name, target))


def _list_step(type_name: str, created: dict[str, int]) -> Step:
    filters: Step = {"status": "all"} if type_name == "subscription" else {}
    # Stripe lists invoice payments by their own `created` too; every type in LISTED takes the filter.
    return {"type": type_name, "filters": filters | ({"created": created} if created else {})}


def _children_here(type_name: str, object_id: str) -> int:
    """An estimate, from what we hold: Stripe's lists have no counts."""
    if type_name == "customer":
        invoices = Invoice.objects.filter(customer_id=object_id).count()
        # each invoice has about one payment intent, charge and invoice payment of its own
        return Subscription.objects.filter(customer_id=object_id).count() + 4 * invoices + 1
    if type_name == "subscription":
        return 2 * Invoice.objects.filter(subscription_id=object_id).count()
    return 0
