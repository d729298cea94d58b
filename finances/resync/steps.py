"""What Stripe lists and how: a step of a plan says what one part of a run reads.

A step is JSON: {"type", "id"} for one object, {"type", "ids"} for some, {"type", "filters"} for a list, newest first
(with "pages": for so many of its pages), {"type", "part_of", "owner", "part"} for a list below another object's
address; with "each" a list for each of some owners, by a "filter" or below theirs, of those "after" and up to "to",
and of what they list only what was created "within" a range. {"type", "links"} calls nobody: what of the type `links`
points at objects of this type, and was written before them, is linked to them.
"""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from finances.models import Charge, CreditNote, Customer, Invoice, Refund

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

# Those of one stage are read side by side: neither points at the other, in Stripe's JSON or in the tables' keys.
STAGES = (
    ("product", "coupon", "tax_rate", "customer", "balance_transaction"),
    ("price", "promotion_code", "payment_method", "payout", "setup_intent", "payment_intent"),
    ("subscription",),
    ("charge", "invoice", "subscription_schedule"),
    ("refund", "dispute", "invoice_payment", "credit_note"),
    ("customer_balance_transaction",),  # whose, the invoices and credit notes tell
)
STAGE = {type_name: stage for stage, types in enumerate(STAGES) for type_name in types} | {"account": 0}

# Read beside the stages after its own: at a call for each customer it takes as long as all the others together. What
# points at one is written all the same, and linked to it in the stage that waits for everything.
BESIDE = "payment_method"
LINKING = len(STAGES)

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


def children_of(type_name: str, object_id: str) -> list[Step]:
    return [_with_id(step, object_id) for step in CHILDREN.get(type_name, ())]


def _with_id(value: Any, object_id: str) -> Any:
    """A step of CHILDREN for one object."""
    if isinstance(value, dict):
        return {name: _with_id(each, object_id) for name, each in value.items()}
    return value.replace("{id}", object_id)


def list_of(type_name: str, owner_type: str, owner: str) -> Step:
    """The step that lists what one owner has of a type that Stripe lists for each by itself."""
    step = OF_EACH.get(type_name, {})
    if "part_of" in step:
        return {"type": type_name, "part_of": step["part_of"], "owner": owner, "part": step["part"]}
    return {"type": type_name, "filters": {owner_type: owner}}


def owners(step: Step) -> QuerySet[Any]:
    """The objects for each of which a step lists something, as our tables have them."""
    rows: QuerySet[Any]
    if step["each"] == "customer":
        rows = Customer.objects.filter(deleted_at=None)
    elif step["each"] == "customer with a balance":
        # Asking for everybody's would cost a call a customer; most never had any. A customer's own resync asks.
        theirs = Q(customer_id=OuterRef("id"))
        credited = CreditNote.objects.filter(theirs, customer_balance_amount__gt=0)
        # One that is used up again stands at 0; what was taken from it, or went to it, is missing on an invoice.
        settled = Invoice.objects.filter(theirs, ~Q(amount_due=F("total")))
        rows = Customer.objects.filter(~Q(balance=0) | Exists(credited) | Exists(settled), deleted_at=None)
    elif step["each"] == "refunded charge":
        # A refund that failed is in its charge's sum no more.
        known = Refund.objects.filter(customer_id=step["of"]).values("charge_id")
        rows = Charge.objects.filter(Q(amount_refunded__gt=0) | Q(id__in=known), customer_id=step["of"])
    else:
        rows = Charge.objects.filter(customer_id=step["of"], disputed=True)
    if step.get("after"):
        rows = rows.filter(id__gt=step["after"])
    if step.get("to"):
        rows = rows.filter(id__lte=step["to"])
    return rows.order_by("id")


def owners_apart(step: Step, after: str, most: int) -> list[str]:
    """The id of every `most`-th owner after that one, in order, but for the last: where the step can be cut."""
    numbered = owners(step).filter(id__gt=after).order_by().annotate(number=Window(RowNumber(), order_by=F("id").asc()))
    cuts = numbered.annotate(rest=F("number") % most).filter(rest=0).order_by("id").values_list("id", flat=True)
    return [each for each in cuts if each != step.get("to")]


def owners_after(step: Step, last: str, most: int) -> list[str]:
    """The next `most` of their ids, in order."""
    return list(owners(step).filter(id__gt=last).values_list("id", flat=True)[:most])
