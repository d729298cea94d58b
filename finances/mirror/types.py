"""The types that the mirror keeps, and what it must know of each. A new type begins with a line here."""

from collections.abc import Callable
from typing import Any, NamedTuple

from djstripe import models as djstripe
from djstripe.models.base import StripeModel

from finances.mirror import projections

Json = dict[str, Any]


class MirroredType(NamedTuple):
    """`parents`: foreign keys whose objects are fetched when they are not here, by page or one by one.

    `companions`: foreign keys that are only linked when the object is here, except when a single object is read:
    following them from a page would cost a call a row.
    """

    model: type[StripeModel] | None = None
    parents: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    project: Callable[[Json], projections.Projected] | None = None


# In the order in which they are written: what is pointed at comes first.
TYPES: dict[str, MirroredType] = {
    "account": MirroredType(djstripe.Account),
    "product": MirroredType(djstripe.Product, project=projections.product),
    "price": MirroredType(djstripe.Price, ("product",)),
    "customer": MirroredType(djstripe.Customer, (), ("default_payment_method",), projections.customer),
    "payment_method": MirroredType(djstripe.PaymentMethod, ("customer",)),
    "subscription": MirroredType(djstripe.Subscription, ("customer",), (), projections.subscription),
    "payment_intent": MirroredType(djstripe.PaymentIntent, ("customer",), ("payment_method",)),
    "charge": MirroredType(djstripe.Charge, ("customer", "payment_intent"), ("payment_method", "invoice")),
    "invoice": MirroredType(
        djstripe.Invoice,
        ("customer", "subscription", "payment_intent", "charge"),
        ("default_payment_method",),
        projections.invoice,
    ),
    "invoice_payment": MirroredType(),
}

TYPE_OF_MODEL = {entry.model: name for name, entry in TYPES.items() if entry.model}

TYPE_OF_PREFIX = {
    "prod": "product",
    "price": "price",
    "plan": "price",
    "cus": "customer",
    "pm": "payment_method",
    "sub": "subscription",
    "pi": "payment_intent",
    "ch": "charge",
    "py": "charge",
    "in": "invoice",
    "inpay": "invoice_payment",
}


def type_of_id(object_id: str) -> str | None:
    """The type that an id's prefix stands for; None when the mirror does not keep it."""
    if object_id.startswith("sub_sched_"):
        return None
    return TYPE_OF_PREFIX.get(object_id.partition("_")[0])


def embedded(stripe_object: Json) -> list[Json]:
    """Whole objects of types of their own that came along inside this one, under its expansion."""
    if stripe_object.get("object") != "invoice":
        return []
    return [
        payment
        for payment in (stripe_object.get("payments") or {}).get("data") or []
        if payment.get("object") == "invoice_payment"
    ]
