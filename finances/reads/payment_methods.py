"""How a customer can pay, and which method is charged: Stripe's four places to set one, in Stripe's order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q

from finances.models import PaymentMethod, Subscription
from finances.periods import add_months, month_of
from finances.reads.stored import id_at

SOON = 1
"""A card expires soon when this month or the next one is its last."""


@dataclass(frozen=True)
class Charged:
    """The method that pays by itself, and where it is set.

    `level`: subscription, subscription_source, customer or customer_source; invoice or invoice_source where an invoice
    has its own. Both are empty where none is set anywhere.
    """

    method_id: str = ""
    level: str = ""


@dataclass(frozen=True)
class Paying:
    """How one subscription that runs is paid, or the customer, who has none. `by_invoice`: nothing is charged.

    `known`: whether the customer's own defaults were read, so that none means none.
    """

    subscription_id: str
    charged: Charged
    by_invoice: bool = False
    known: bool = True


def will_be_charged(
    subscription: dict[str, Any], customer: dict[str, Any], invoice: dict[str, Any] | None = None
) -> Charged:
    """By Stripe's order: the subscription's default, then its default source, then the customer's invoice settings,
    then the customer's default source. An invoice's own goes before all of them.
    """
    places = (
        ("invoice", id_at(invoice, "default_payment_method")),
        ("invoice_source", id_at(invoice, "default_source")),
        ("subscription", id_at(subscription, "default_payment_method")),
        ("subscription_source", id_at(subscription, "default_source")),
        ("customer", id_at(customer, "invoice_settings", "default_payment_method")),
        ("customer_source", id_at(customer, "default_source")),
    )
    return next((Charged(method_id, level) for level, method_id in places if method_id), Charged())


def paying_for(subscription: Subscription, stored: dict[str, Any], customer: dict[str, Any]) -> Paying:
    """`stored` and `customer`: Stripe's JSON; where the subscription's names no method, its row's column is asked."""
    own = {name: stored.get(name) for name in ("default_payment_method", "default_source")}
    if not any(own.values()):
        own["default_payment_method"] = subscription.default_payment_method_id
    by_invoice = subscription.collection_method == "send_invoice"
    return Paying(subscription.id, will_be_charged(own, customer), by_invoice, known=bool(customer))


def methods_of(customer_id: str, also: Iterable[str] = ()) -> list[PaymentMethod]:
    """The customer's methods, newest first, and those with the ids `also`, whoever has them. One query."""
    theirs = Q(customer_id=customer_id) & ~Q(customer_id="")
    return list(PaymentMethod.objects.filter(theirs | Q(id__in=set(also))).order_by("-created_at", "-id"))


def newer_than(charged_id: str, methods: Sequence[PaymentMethod]) -> PaymentMethod | None:
    """The customer's newest method when it was added after the one that is charged; None where that is the newest."""
    attached = [each for each in methods if each.customer_id and not each.deleted_at]
    charged = next((each for each in methods if each.id == charged_id), None)
    newest = max(attached, key=lambda each: each.created_at, default=None)
    if newest is None or charged is None or newest.id == charged_id:
        return None
    return newest if newest.created_at > charged.created_at else None


def expiry(method: Any, now: datetime) -> str:
    """`expired`, `soon`, or empty: of a card, which is good until the end of its month; others do not expire."""
    if not method.expires_month or not method.expires_year:
        return ""
    this_month = month_of(now, UTC)
    last = (method.expires_year, method.expires_month)
    if last < (this_month.year, this_month.month):
        return "expired"
    near = add_months(this_month, SOON)
    return "soon" if last <= (near.year, near.month) else ""
