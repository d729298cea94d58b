"""Stripe's JSON -> read-model rows. Old and new API shapes are both read, new first; nothing is indexed with [].

Pure: no query, no clock. Rows come without account, which the writer sets.
"""

import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from finances.metrics.monthly_value import monthly_value
from finances.models import Customer, Invoice, Product, Subscription, SubscriptionItem

Json = dict[str, Any]
type Projected = Customer | Product | Subscription | Invoice


def moment(seconds: int | None) -> datetime | None:
    """Stripe's seconds since 1970 as an aware time in UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def id_of(value: str | Json | None) -> str:
    """The id in a field that holds an id, or an expanded object, or nothing."""
    return (value.get("id") or "") if isinstance(value, dict) else (value or "")


def search_text(*words: str | None) -> str:
    """Casefolded here, since SQLite's UPPER knows ASCII only and PostgreSQL's index wants a plain column."""
    return unicodedata.normalize("NFKC", " ".join(word for word in words if word)).casefold()


def _created(stripe_object: Json) -> datetime:
    return moment(stripe_object.get("created")) or datetime.fromtimestamp(0, UTC)


def customer(it: Json) -> Customer:
    return Customer(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        email=it.get("email") or "",
        name=it.get("name") or "",
        currency=it.get("currency") or "",
        balance=it.get("balance") or 0,
        delinquent=bool(it.get("delinquent")),
        created_at=_created(it),
        search_text=search_text(it.get("email"), it.get("name"), it["id"]),
    )


def product(it: Json) -> Product:
    return Product(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        name=it.get("name") or "",
        active=bool(it.get("active", True)),
        created_at=_created(it),
    )


def subscription_items(it: Json) -> list[Json]:
    return (it.get("items") or {}).get("data") or []


def subscription(it: Json) -> Subscription:
    ends = [end for item in subscription_items(it) if (end := item.get("current_period_end")) is not None]
    return Subscription(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        customer_id=id_of(it.get("customer")),
        status=it.get("status") or "",
        currency=it.get("currency") or "",
        mrr=monthly_value(it),
        current_period_end=moment(min(ends) if ends else it.get("current_period_end")),
        cancel_at_period_end=bool(it.get("cancel_at_period_end")),
        cancel_at=moment(it.get("cancel_at")),
        collection_paused=bool(it.get("pause_collection")),
        created_at=_created(it),
        ended_at=moment(it.get("ended_at")),
        search_text=search_text(it["id"], id_of(it.get("customer"))),
    )


def subscription_item(it: Json, parent: Json) -> SubscriptionItem:
    price = it.get("price") or {}
    recurring = price.get("recurring") or {}
    quantity = it.get("quantity_decimal") or it.get("quantity")
    unit_amount = price.get("unit_amount_decimal") or price.get("unit_amount")
    return SubscriptionItem(
        id=it["id"],
        livemode=bool(parent.get("livemode")),
        subscription_id=parent["id"],
        price_id=id_of(price),
        product_id=id_of(price.get("product")),
        quantity=None if quantity is None else Decimal(str(quantity)),
        currency=price.get("currency") or parent.get("currency") or "",
        unit_amount=None if unit_amount is None else Decimal(str(unit_amount)),
        interval=recurring.get("interval") or "",
        interval_count=recurring.get("interval_count") or 1,
    )


def invoice_subscription_id(it: Json) -> str:
    """Since 2025-03-31 an invoice names its subscription under `parent`; before, at the top."""
    parent = (it.get("parent") or {}).get("subscription_details") or {}
    return id_of(parent.get("subscription")) or id_of(it.get("subscription"))


def invoice(it: Json) -> Invoice:
    transitions = it.get("status_transitions") or {}
    return Invoice(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        number=it.get("number") or "",
        customer_id=id_of(it.get("customer")),
        subscription_id=invoice_subscription_id(it),
        status=it.get("status") or "",
        currency=it.get("currency") or "",
        total=it.get("total") or 0,
        amount_due=it.get("amount_due") or 0,
        amount_paid=it.get("amount_paid") or 0,
        amount_remaining=it.get("amount_remaining") or 0,
        collection_method=it.get("collection_method") or "",
        created_at=_created(it),
        due_at=moment(it.get("due_date")),
        finalized_at=moment(transitions.get("finalized_at")),
        paid_at=moment(transitions.get("paid_at")),
        next_attempt_at=moment(it.get("next_payment_attempt")),
        attempt_count=it.get("attempt_count") or 0,
        search_text=search_text(
            it.get("number"), it["id"], id_of(it.get("customer")), it.get("customer_name"), it.get("customer_email")
        ),
    )
