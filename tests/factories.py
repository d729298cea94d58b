"""Rows for tests, plain unless a test says otherwise. Nothing here knows Stripe's shapes."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.models import Group, User

from finances.models import Customer, Delivery, Invoice, ObjectState, Product, Subscription, SubscriptionItem

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
number = count(1)


def a_user(role: str = "", **fields: Any) -> User:
    """`role`: Support, Finance, Admin, or none."""
    user = User.objects.create_user(f"{role or 'nobody'}{next(number)}@paydesk.test", is_staff=True, **fields)
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def a_customer(**fields: Any) -> Customer:
    """Its search text is made as the mirror makes it, from e-mail, name and id."""
    key = f"cus_{next(number):014d}"
    row = {"id": key, "email": f"{key}@example.test", "name": f"Customer {key}", "currency": "eur", "created_at": NOON}
    row |= fields
    row.setdefault("search_text", f"{row['email']} {row['name']} {row['id']}".casefold())
    return Customer.objects.create(**row)


def a_subscription(customer: Customer, **fields: Any) -> Subscription:
    key = f"sub_{next(number):014d}"
    row = {
        "id": key,
        "customer_id": customer.id,
        "status": "active",
        "currency": "eur",
        "mrr": Decimal(2900),
        "current_period_end": datetime(2026, 12, 20, 12, tzinfo=UTC),
        "created_at": NOON,
        "search_text": f"{key} {customer.id}",
    }
    return Subscription.objects.create(**row | fields)


def an_item(subscription: Subscription, product: Product | None = None, **fields: Any) -> SubscriptionItem:
    product = product or a_product()
    row = {
        "id": f"si_{next(number):014d}",
        "subscription_id": subscription.id,
        "price_id": f"price_of_{product.id}",
        "product_id": product.id,
        "quantity": Decimal(1),
        "currency": subscription.currency,
        "unit_amount": Decimal(2900),
        "interval": "month",
    }
    return SubscriptionItem.objects.create(**row | fields)


def a_product(**fields: Any) -> Product:
    key = f"prod_{next(number):014d}"
    return Product.objects.create(**{"id": key, "name": "Starter", "created_at": NOON} | fields)


def an_invoice(customer: Customer, **fields: Any) -> Invoice:
    """Paid, unless `status` says otherwise; then nothing is."""
    count_so_far = next(number)
    total = fields.get("total", 2900)
    paid = fields.get("status", "paid") == "paid"
    row = {
        "id": f"in_{count_so_far:014d}",
        "number": f"NV-{count_so_far:04d}",
        "customer_id": customer.id,
        "status": "paid",
        "currency": "eur",
        "total": total,
        "amount_due": total,
        "amount_paid": total if paid else 0,
        "amount_remaining": 0 if paid else total,
        "collection_method": "charge_automatically",
        "created_at": NOON,
        "finalized_at": NOON,
        "paid_at": NOON if paid else None,
    }
    row |= fields
    row.setdefault("search_text", f"{row['number']} {row['id']} {customer.id} {customer.name}".casefold())
    return Invoice.objects.create(**row)


def a_delivery(**fields: Any) -> Delivery:
    row = {
        "event_id": f"evt_{next(number):014d}",
        "event_type": "invoice.paid",
        "state": "processed",
        "payload": {},
        "created_at": NOON,
        "received_at": NOON,
        "processed_at": NOON,
    }
    return Delivery.objects.create(**row | fields)


def seen(object_id: str, at: datetime = NOON) -> ObjectState:
    """The mirror knows this object."""
    return ObjectState.objects.create(object_id=object_id, type="", ticket=1, content_hash=b"", seen_at=at)
