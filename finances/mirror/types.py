"""The types that the mirror keeps, and what it must know of each. A new type begins with a line here."""

from collections.abc import Callable
from typing import Any, NamedTuple

from djstripe import models as djstripe
from djstripe.models.base import StripeModel

from finances.mirror.projections import catalogue, customers, invoices, payments, subscriptions
from finances.models.mirrored import MirroredRow

Json = dict[str, Any]


class MirroredType(NamedTuple):
    """`parents`: foreign keys whose objects are fetched when they are not here, by page or one by one.

    `companions`: foreign keys that are only linked when the object is here, except when a single object is read:
    following them from a page would cost a call a row.
    """

    model: type[StripeModel] | None = None
    parents: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    project: Callable[[Json], MirroredRow] | None = None


# In the order in which they are written: what is pointed at comes first.
TYPES: dict[str, MirroredType] = {
    "account": MirroredType(djstripe.Account),
    "product": MirroredType(djstripe.Product, project=catalogue.product),
    "price": MirroredType(djstripe.Price, ("product",), project=catalogue.price),
    "coupon": MirroredType(djstripe.Coupon, project=catalogue.coupon),
    "tax_rate": MirroredType(djstripe.TaxRate, project=catalogue.tax_rate),
    "customer": MirroredType(djstripe.Customer, (), ("default_payment_method",), customers.customer),
    "promotion_code": MirroredType(djstripe.PromotionCode, project=catalogue.promotion_code),
    "payment_method": MirroredType(djstripe.PaymentMethod, ("customer",), (), customers.payment_method),
    "subscription": MirroredType(djstripe.Subscription, ("customer",), (), subscriptions.subscription),
    "subscription_schedule": MirroredType(
        djstripe.SubscriptionSchedule,
        ("customer", "subscription", "released_subscription"),
        (),
        customers.subscription_schedule,
    ),
    "setup_intent": MirroredType(djstripe.SetupIntent, ("customer",), ("payment_method",)),
    "payment_intent": MirroredType(djstripe.PaymentIntent, ("customer",), ("payment_method",), payments.payment),
    "balance_transaction": MirroredType(djstripe.BalanceTransaction, project=payments.balance_transaction),
    "charge": MirroredType(
        djstripe.Charge,
        ("customer", "payment_intent"),
        ("payment_method", "invoice", "balance_transaction"),
        payments.charge,
    ),
    "invoice": MirroredType(
        djstripe.Invoice,
        ("customer", "subscription", "payment_intent", "charge"),
        ("default_payment_method",),
        invoices.invoice,
    ),
    "invoice_payment": MirroredType(project=invoices.invoice_payment),
    "credit_note": MirroredType(project=invoices.credit_note),
    "customer_balance_transaction": MirroredType(),
    "refund": MirroredType(
        djstripe.Refund, ("charge",), ("balance_transaction", "failure_balance_transaction"), payments.refund
    ),
    "dispute": MirroredType(djstripe.Dispute, ("charge", "payment_intent"), ("balance_transaction",), payments.dispute),
    "payout": MirroredType(
        djstripe.Payout, (), ("balance_transaction", "failure_balance_transaction"), payments.payout
    ),
}

TYPE_OF_MODEL = {entry.model: name for name, entry in TYPES.items() if entry.model}

# Coupons have none: their ids are whatever somebody typed.
TYPE_OF_PREFIX = {
    "prod": "product",
    "price": "price",
    "plan": "price",
    "txr": "tax_rate",
    "cus": "customer",
    "promo": "promotion_code",
    "pm": "payment_method",
    "sub": "subscription",
    "seti": "setup_intent",
    "pi": "payment_intent",
    "txn": "balance_transaction",
    "ch": "charge",
    "py": "charge",
    "in": "invoice",
    "inpay": "invoice_payment",
    "cn": "credit_note",
    "re": "refund",
    "pyr": "refund",
    "du": "dispute",
    "dp": "dispute",
    "po": "payout",
}


def type_of_id(object_id: str) -> str | None:
    """The type that an id's prefix stands for; None when the mirror does not keep it."""
    if object_id.startswith("sub_sched_"):
        return "subscription_schedule"
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
