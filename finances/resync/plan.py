"""What a resync will read, step by step, before anything is read."""

import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from finances.gateway import PATHS
from finances.mirror import TYPES, type_of_id
from finances.models import Charge, CreditNote, Customer, Invoice, ObjectState, Refund, Subscription

Step = dict[str, Any]

# In `all` and by name, what is pointed at first.
LISTED = (
    "product",
    "price",
    "coupon",
    "tax_rate",
    "customer",
    "promotion_code",
    "payment_method",
    "subscription",
    "subscription_schedule",
    "setup_intent",
    "payment_intent",
    "balance_transaction",
    "charge",
    "invoice",
    "invoice_payment",
    "credit_note",
    "refund",
    "dispute",
    "payout",
    "customer_balance_transaction",
)

# What Stripe lists for one owner at a time only: a call for each of the owners that are here by then.
OF_EACH: dict[str, Step] = {
    "payment_method": {"type": "payment_method", "each": "customer", "filter": "customer"},
    "customer_balance_transaction": {
        "type": "customer_balance_transaction",
        "each": "customer with a balance",
        "part_of": "customer",
        "part": "balance_transactions",
    },
}

# What hangs on an object, as filters of Stripe's lists, as a part of its address, or for each of its own children.
# {id} is the object's.
CHILDREN: dict[str, tuple[Step, ...]] = {
    "customer": (
        {"type": "payment_method", "filters": {"customer": "{id}"}},
        {"type": "subscription", "filters": {"customer": "{id}"}},
        {"type": "subscription_schedule", "filters": {"customer": "{id}"}},
        {"type": "setup_intent", "filters": {"customer": "{id}"}},
        {"type": "payment_intent", "filters": {"customer": "{id}"}},
        {"type": "charge", "filters": {"customer": "{id}"}},
        {"type": "refund", "each": "refunded charge", "of": "{id}", "filter": "charge"},
        {"type": "dispute", "each": "disputed charge", "of": "{id}", "filter": "charge"},
        {"type": "invoice", "filters": {"customer": "{id}"}},
        {"type": "credit_note", "filters": {"customer": "{id}"}},
        {
            "type": "customer_balance_transaction",
            "part_of": "customer",
            "owner": "{id}",
            "part": "balance_transactions",
        },
    ),
    "subscription": ({"type": "invoice", "filters": {"subscription": "{id}"}},),
    "invoice": (
        {"type": "invoice_payment", "filters": {"invoice": "{id}"}},
        {"type": "credit_note", "filters": {"invoice": "{id}"}},
    ),
    "payment_intent": (
        {"type": "charge", "filters": {"payment_intent": "{id}"}},
        {"type": "refund", "filters": {"payment_intent": "{id}"}},
        {"type": "dispute", "filters": {"payment_intent": "{id}"}},
        {"type": "invoice_payment", "filters": {"payment": {"type": "payment_intent", "payment_intent": "{id}"}}},
    ),
    "charge": (
        {"type": "refund", "filters": {"charge": "{id}"}},
        {"type": "dispute", "filters": {"charge": "{id}"}},
    ),
    "product": ({"type": "price", "filters": {"product": "{id}"}},),
    "coupon": ({"type": "promotion_code", "filters": {"coupon": "{id}"}},),
}


class UnknownTarget(ValueError):
    """The target is neither an id, nor a type, nor `all`; the message says so in the user's words."""


class Plan(NamedTuple):
    """`steps`: JSON; `estimate`: objects.

    A step is {"type", "id"} for one object, {"type", "filters"} for a list, {"type", "part_of", "owner", "part"} for a
    list below another object's address; with "each" a list for each of some owners, by a "filter" or below theirs.
    """

    steps: list[Step]
    estimate: int


def make_plan(target: str, *, since: datetime | None = None, until: datetime | None = None) -> Plan:
    """The plan for a Stripe id (the object and its children), a type, or `all`. Raises UnknownTarget.

    An id that does not tell its type, as a coupon's, is written with it: `coupon:WELCOME25`.
    """
    created = {}
    if since:
        created["gte"] = int(since.timestamp())
    if until:
        created["lt"] = int(until.timestamp())
    if target == "all" or target in LISTED:
        types = LISTED if target == "all" else (target,)
        steps = [_list_step(type_name, created) for type_name in types]
        return Plan(steps, ObjectState.objects.filter(type__in=types, deleted_at=None).count())
    type_name, object_id = _type_and_id(target)
    if created:
        raise UnknownTarget("A range of creation goes with a type or with all, not with one object.")
    children = [_with_id(step, object_id) for step in CHILDREN.get(type_name, ())]
    return Plan([{"type": type_name, "id": object_id}, *children], 1 + _children_here(type_name, object_id))


def _type_and_id(target: str) -> tuple[str, str]:
    named, _, rest = target.partition(":")
    if rest and named in TYPES and named in PATHS and len(rest) <= 200 and rest.isprintable():
        return named, rest
    type_name = type_of_id(target)
    if type_name not in TYPES or not _is_stripes_own(target):
        # Not repeated: what was pasted by mistake may be a key.
        raise UnknownTarget(f"This is not a Stripe id that Paydesk knows, nor one of: {', '.join(LISTED)}, all.")
    return type_name, target


def target_of(object_type: str, object_id: str) -> str:
    """The target that reads an object anew; empty for one that Paydesk does not keep, or that has no address."""
    target = f"{object_type}:{object_id}" if object_type else object_id
    try:
        _type_and_id(target)
    except UnknownTarget:
        return ""
    return canonical(target)


def canonical(target: str) -> str:
    """One way to ask for one thing: an id that tells its type stands without it."""
    named, _, rest = target.partition(":")
    return rest if type_of_id(rest) == named and _is_stripes_own(rest) else target


def _is_stripes_own(object_id: str) -> bool:
    """Not one that somebody chose, as products and old plans may have."""
    return bool(re.fullmatch(r"[a-z]+_\w{1,240}", object_id, re.ASCII))


def _with_id(value: Any, object_id: str) -> Any:
    """A step of CHILDREN for one object."""
    if isinstance(value, dict):
        return {name: _with_id(each, object_id) for name, each in value.items()}
    return value.replace("{id}", object_id)


def _list_step(type_name: str, created: dict[str, int]) -> Step:
    if of_each := OF_EACH.get(type_name):
        return of_each | ({"created": created} if created else {})
    # Stripe lists invoice payments by their own `created` too; every type in LISTED takes the filter.
    return {"type": type_name, "filters": {"created": created} if created else {}}


def owners_after(step: Step, last: str, most: int) -> list[str]:
    """The next `most` ids, in their order, for each of which a step lists something; they are read from our tables."""
    owners: QuerySet[Any]
    if step["each"] == "customer":
        owners = Customer.objects.filter(deleted_at=None, **_between(step.get("created") or {}))
    elif step["each"] == "customer with a balance":
        # Asking for everybody's would cost a call a customer; most never had any. A customer's own resync asks.
        theirs = Q(customer_id=OuterRef("id"))
        credited = CreditNote.objects.filter(theirs, customer_balance_amount__gt=0)
        # One that is used up again stands at 0; what was taken from it, or went to it, is missing on an invoice.
        settled = Invoice.objects.filter(theirs, ~Q(amount_due=F("total")))
        owners = Customer.objects.filter(~Q(balance=0) | Exists(credited) | Exists(settled), deleted_at=None)
    elif step["each"] == "refunded charge":
        # A refund that failed is in its charge's sum no more.
        known = Refund.objects.filter(customer_id=step["of"]).values("charge_id")
        owners = Charge.objects.filter(Q(amount_refunded__gt=0) | Q(id__in=known), customer_id=step["of"])
    else:
        owners = Charge.objects.filter(customer_id=step["of"], disputed=True)
    return list(owners.filter(id__gt=last).order_by("id").values_list("id", flat=True)[:most])


def _between(created: dict[str, int]) -> dict[str, datetime]:
    return {f"created_at__{than}": datetime.fromtimestamp(seconds, UTC) for than, seconds in created.items()}


def _children_here(type_name: str, object_id: str) -> int:
    """An estimate, from what we hold: Stripe's lists have no counts."""
    if type_name == "customer":
        invoices = Invoice.objects.filter(customer_id=object_id).count()
        # each invoice has about one payment intent, charge and invoice payment of its own
        return Subscription.objects.filter(customer_id=object_id).count() + 4 * invoices + 1
    if type_name == "subscription":
        return 2 * Invoice.objects.filter(subscription_id=object_id).count()
    return 0
