"""Rows for tests, plain unless a test says otherwise. Nothing here knows Stripe's shapes."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.models import Group, User

from dashboard.models import Note
from finances.folding import folded
from finances.mirror.neighbours import tell_owners
from finances.mirror.projections.values import dialled, search_lines
from finances.models import (
    BalanceTransaction,
    Charge,
    Coupon,
    CreditNote,
    Customer,
    Delivery,
    Discount,
    Dispute,
    Invoice,
    InvoiceLine,
    InvoicePayment,
    ObjectState,
    ObjectVersion,
    Payment,
    PaymentMethod,
    Payout,
    Price,
    Product,
    PromotionCode,
    Refund,
    Subscription,
    SubscriptionItem,
    TaxRate,
    state_key,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
number = count(1)


def a_user(role: str = "", **fields: Any) -> User:
    """`role`: Support, Finance, Admin, or none."""
    user = User.objects.create_user(f"{role or 'nobody'}{next(number)}@paydesk.test", is_staff=True, **fields)
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def a_customer(**fields: Any) -> Customer:
    """Its search text is made as the mirror makes it, from e-mail, name, id and telephone number."""
    key = f"cus_{next(number):014d}"
    row = {"id": key, "email": f"{key}@example.test", "name": f"Customer {key}", "currency": "eur", "created_at": NOON}
    row |= fields
    phone = row.get("phone", "")
    row.setdefault("search_text", search_lines(row["email"], row["name"], row["id"], phone, dialled(phone)))
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
        "paying_since": NOON,
        "search_text": f"{key} {customer.id}",
    }
    subscription = Subscription.objects.create(**row | fields)
    tell_owners("subscription", [subscription.customer_id])
    return subscription


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
        "mrr": Decimal(2900),
    }
    return SubscriptionItem.objects.create(**row | fields)


def a_product(**fields: Any) -> Product:
    key = f"prod_{next(number):014d}"
    row = {"id": key, "name": "Starter", "created_at": NOON} | fields
    return Product.objects.create(**{"search_text": folded(row["name"])} | row)


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
    row.setdefault("search_text", folded(f"{row['number']} {row['id']} {customer.id} {customer.name}"))
    return Invoice.objects.create(**row)


def a_line(invoice: Invoice, **fields: Any) -> InvoiceLine:
    row = {"id": f"il_{next(number):014d}", "invoice_id": invoice.id, "position": 0, "amount": 2900}
    row |= {"description": "1 × Starter", "currency": invoice.currency, "quantity": Decimal(1)}
    return InvoiceLine.objects.create(**row | fields)


def a_price(product: Product, **fields: Any) -> Price:
    row = {"id": f"price_{next(number):014d}", "product_id": product.id, "currency": "eur", "interval": "month"}
    row |= {"unit_amount": Decimal(2900), "usage_type": "licensed", "created_at": NOON}
    row |= fields
    named = f"{row.get('nickname', '')} {row.get('lookup_key', '')}"
    return Price.objects.create(**{"search_text": folded(named)} | row)


def a_payment(customer: Customer, invoice: Invoice | None = None, **fields: Any) -> Payment:
    """Succeeded, unless `status` says otherwise; then nothing was received. With an invoice, the link to it too."""
    key = f"pi_{next(number):014d}"
    amount = fields.get("amount", 2900)
    row = {
        "id": key,
        "customer_id": customer.id,
        "status": "succeeded",
        "currency": "eur",
        "amount": amount,
        "amount_received": amount if fields.get("status", "succeeded") == "succeeded" else 0,
        "created_at": NOON,
        "search_text": f"{key} {customer.id}",
    }
    payment = Payment.objects.create(**row | fields)
    if invoice:
        paid = payment.status == "succeeded"
        InvoicePayment.objects.create(
            id=f"inpay_{next(number):014d}",
            invoice_id=invoice.id,
            payment_intent_id=payment.id,
            payment_type="payment_intent",
            status="paid" if paid else "open",
            currency=payment.currency,
            amount_requested=amount,
            amount_paid=amount if paid else 0,
            is_default=True,
            created_at=payment.created_at,
            paid_at=payment.created_at if paid else None,
        )
    return payment


def a_charge(payment: Payment, **fields: Any) -> Charge:
    """An attempt of the payment: succeeded, unless `status` says otherwise."""
    key = f"ch_{next(number):014d}"
    row = {
        "id": key,
        "customer_id": payment.customer_id,
        "payment_intent_id": payment.id,
        "status": "succeeded",
        "currency": payment.currency,
        "amount": payment.amount,
        "amount_captured": payment.amount if fields.get("status", "succeeded") == "succeeded" else 0,
        "method_type": "card",
        "brand": "visa",
        "last4": "4242",
        "expires_month": 8,
        "expires_year": 2029,
        "created_at": payment.created_at,
        "search_text": f"{key} {payment.id} {payment.customer_id} 4242",
    }
    charge = Charge.objects.create(**row | fields)
    tell_owners("charge", [charge.payment_intent_id])
    return charge


def a_payment_method(customer: Customer, **fields: Any) -> PaymentMethod:
    row = {"id": f"pm_{next(number):014d}", "customer_id": customer.id, "type": "card", "brand": "visa"}
    row |= {"last4": "4242", "expires_month": 8, "expires_year": 2029, "funding": "credit", "created_at": NOON}
    return PaymentMethod.objects.create(**row | fields)


def a_refund(charge: Charge, **fields: Any) -> Refund:
    key = f"re_{next(number):014d}"
    row = {"id": key, "charge_id": charge.id, "payment_intent_id": charge.payment_intent_id, "status": "succeeded"}
    row |= {"customer_id": charge.customer_id, "currency": charge.currency, "amount": charge.amount}
    row |= {"reason": "requested_by_customer", "created_at": NOON, "search_text": f"{key} {charge.id}"}
    return Refund.objects.create(**row | fields)


def a_dispute(charge: Charge, **fields: Any) -> Dispute:
    """Waiting for an answer until a week after noon."""
    key = f"du_{next(number):014d}"
    row = {"id": key, "charge_id": charge.id, "payment_intent_id": charge.payment_intent_id, "status": "needs_response"}
    row |= {"customer_id": charge.customer_id, "currency": charge.currency, "amount": charge.amount}
    row |= {"reason": "fraudulent", "evidence_due_at": datetime(2026, 11, 27, 12, tzinfo=UTC), "created_at": NOON}
    return Dispute.objects.create(**row | {"search_text": f"{key} {charge.id}"} | fields)


def a_credit_note(invoice: Invoice, **fields: Any) -> CreditNote:
    key = f"cn_{next(number):014d}"
    row = {"id": key, "number": f"{invoice.number}-CN-01", "invoice_id": invoice.id, "status": "issued", "total": 500}
    row |= {"customer_id": invoice.customer_id, "currency": invoice.currency, "post_payment_amount": 500}
    row |= {"refund_amount": 500, "reason": "order_change", "created_at": NOON} | fields
    row.setdefault("search_text", folded(f"{row['number']} {row['id']}"))
    return CreditNote.objects.create(**row)


def a_coupon(**fields: Any) -> Coupon:
    row = {"id": f"COUPON{next(number)}", "name": "Friends", "percent_off": Decimal(20), "duration": "forever"}
    row |= {"created_at": NOON} | fields
    return Coupon.objects.create(**{"search_text": folded(f"{row['name']} {row['id']}")} | row)


def a_discount(coupon: Coupon, customer: Customer, subscription: Subscription | None = None, **fields: Any) -> Discount:
    """On the customer, or with a subscription on that."""
    row = {"id": f"di_{next(number):014d}", "coupon_id": coupon.id, "customer_id": customer.id, "started_at": NOON}
    return Discount.objects.create(**row | {"subscription_id": subscription.id if subscription else ""} | fields)


def a_promotion_code(coupon: Coupon, **fields: Any) -> PromotionCode:
    row = {"id": f"promo_{next(number):014d}", "code": "FRIENDS20", "coupon_id": coupon.id, "created_at": NOON}
    return PromotionCode.objects.create(**row | fields)


def a_tax_rate(**fields: Any) -> TaxRate:
    row = {"id": f"txr_{next(number):014d}", "display_name": "VAT", "percentage": Decimal(19), "created_at": NOON}
    return TaxRate.objects.create(**row | fields)


def a_balance_transaction(**fields: Any) -> BalanceTransaction:
    """29.00 EUR less a fee of 1.10 EUR, available two days after noon."""
    row = {"id": f"txn_{next(number):014d}", "type": "charge", "reporting_category": "charge", "status": "available"}
    row |= {"currency": "eur", "amount": 2900, "fee": 110, "net": 2790, "created_at": NOON}
    return BalanceTransaction.objects.create(**row | {"available_at": datetime(2026, 11, 22, 12, tzinfo=UTC)} | fields)


def a_payout(**fields: Any) -> Payout:
    row = {"id": f"po_{next(number):014d}", "status": "paid", "currency": "eur", "amount": 120000}
    return Payout.objects.create(**row | {"arrives_at": NOON, "created_at": NOON} | fields)


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


def a_note(customer: Customer, author: User | None = None, **fields: Any) -> Note:
    """About the customer, unless `about_id` says otherwise."""
    author = author or a_user("Support")
    row = {"about_id": customer.id, "customer_id": customer.id, "author": author, "author_name": author.username}
    return Note.objects.create(**row | {"body": "Pays by hand at month’s end.", "written_at": NOON} | fields)


def a_version(object_id: str, stripe_data: dict[str, Any], at: datetime = NOON) -> ObjectVersion:
    """A state that was seen; later ones have higher tickets."""
    return ObjectVersion.objects.create(object_id=object_id, seen_at=at, ticket=next(number), stripe_data=stripe_data)


def seen(object_id: str, at: datetime = NOON) -> ObjectState:
    """The mirror knows this object."""
    return ObjectState.objects.create(object_id=object_id, type="", ticket=1, content_hash=b"", seen_at=at)


def stripes_id(state: ObjectState) -> str:
    """Of the object that it is of."""
    return state.object_id.removeprefix(state_key(state.type, ""))
