"""What webhooks say happened, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.formatting import Text, console_link
from dashboard.tables.changed_fields import with_changed
from finances.models import Delivery

HAPPENED: dict[str, tuple[str, Text]] = {
    "charge.captured": ("positive", gettext_lazy("Money taken from the card")),
    "charge.dispute.closed": ("neutral", gettext_lazy("Dispute closed")),
    "charge.dispute.created": ("urgent", gettext_lazy("Payment disputed")),
    "charge.dispute.funds_reinstated": ("positive", gettext_lazy("Disputed money came back")),
    "charge.dispute.funds_withdrawn": ("negative", gettext_lazy("Disputed money withdrawn")),
    "charge.dispute.updated": ("neutral", gettext_lazy("Dispute changed")),
    "charge.expired": ("neutral", gettext_lazy("Reserved money went back")),
    "charge.failed": ("negative", gettext_lazy("Charge failed")),
    "charge.pending": ("info", gettext_lazy("Charge on its way")),
    "charge.refund.updated": ("neutral", gettext_lazy("Refund changed")),
    "charge.refunded": ("neutral", gettext_lazy("Payment refunded")),
    "charge.succeeded": ("positive", gettext_lazy("Charge succeeded")),
    "charge.updated": ("neutral", gettext_lazy("Charge changed")),
    "credit_note.created": ("neutral", gettext_lazy("Credit note issued")),
    "credit_note.voided": ("neutral", gettext_lazy("Credit note voided")),
    "customer.created": ("info", gettext_lazy("Customer created")),
    "customer.deleted": ("negative", gettext_lazy("Customer deleted")),
    "customer.updated": ("neutral", gettext_lazy("Customer changed")),
    "customer.subscription.created": ("info", gettext_lazy("Subscription started")),
    "customer.subscription.deleted": ("negative", gettext_lazy("Subscription ended")),
    "customer.subscription.paused": ("warning", gettext_lazy("Subscription paused")),
    "customer.subscription.resumed": ("positive", gettext_lazy("Subscription resumed")),
    "customer.subscription.trial_will_end": ("warning", gettext_lazy("Trial ends soon")),
    "customer.subscription.updated": ("neutral", gettext_lazy("Subscription changed")),
    "invoice.created": ("neutral", gettext_lazy("Invoice drafted")),
    "invoice.deleted": ("neutral", gettext_lazy("Draft deleted")),
    "invoice.finalized": ("info", gettext_lazy("Invoice issued")),
    "invoice.marked_uncollectible": ("negative", gettext_lazy("Invoice written off")),
    "invoice.overdue": ("urgent", gettext_lazy("Invoice past due")),
    "invoice.paid": ("positive", gettext_lazy("Invoice paid")),
    "invoice.payment_action_required": ("warning", gettext_lazy("Payment of the invoice waits for the customer")),
    "invoice.payment_failed": ("negative", gettext_lazy("Payment of the invoice failed")),
    "invoice.payment_succeeded": ("positive", gettext_lazy("Payment of the invoice succeeded")),
    "invoice.sent": ("info", gettext_lazy("Invoice sent")),
    "invoice.upcoming": ("neutral", gettext_lazy("Renewal comes up")),
    "invoice.updated": ("neutral", gettext_lazy("Invoice changed")),
    "invoice.voided": ("neutral", gettext_lazy("Invoice voided")),
    "invoice_payment.paid": ("positive", gettext_lazy("Payment assigned to the invoice")),
    "payment_intent.canceled": ("neutral", gettext_lazy("Payment canceled")),
    "payment_intent.created": ("neutral", gettext_lazy("Payment begun")),
    "payment_intent.payment_failed": ("negative", gettext_lazy("Payment failed")),
    "payment_intent.processing": ("info", gettext_lazy("Payment on its way")),
    "payment_intent.requires_action": ("warning", gettext_lazy("Payment waits for the customer")),
    "payment_intent.succeeded": ("positive", gettext_lazy("Payment succeeded")),
    "payment_method.attached": ("info", gettext_lazy("Payment method added")),
    "payment_method.detached": ("neutral", gettext_lazy("Payment method removed")),
    "payment_method.automatically_updated": ("info", gettext_lazy("Card renewed by its bank")),
    "payment_method.updated": ("neutral", gettext_lazy("Payment method changed")),
    "refund.created": ("neutral", gettext_lazy("Refund made")),
    "refund.failed": ("negative", gettext_lazy("Refund failed")),
    "refund.updated": ("neutral", gettext_lazy("Refund changed")),
    "setup_intent.canceled": ("neutral", gettext_lazy("Saving a payment method was given up")),
    "setup_intent.created": ("neutral", gettext_lazy("Saving a payment method begun")),
    "setup_intent.requires_action": ("warning", gettext_lazy("Saving a payment method waits for the customer")),
    "setup_intent.setup_failed": ("negative", gettext_lazy("Payment method could not be saved")),
    "setup_intent.succeeded": ("positive", gettext_lazy("Payment method saved for later")),
    "coupon.created": ("neutral", gettext_lazy("Coupon created")),
    "coupon.deleted": ("neutral", gettext_lazy("Coupon deleted")),
    "coupon.updated": ("neutral", gettext_lazy("Coupon updated")),
    "customer.discount.created": ("neutral", gettext_lazy("Customer discount created")),
    "customer.discount.deleted": ("neutral", gettext_lazy("Customer discount deleted")),
    "customer.discount.updated": ("neutral", gettext_lazy("Customer discount updated")),
    "customer.tax_id.created": ("neutral", gettext_lazy("Customer tax id created")),
    "customer.tax_id.deleted": ("neutral", gettext_lazy("Customer tax id deleted")),
    "customer.tax_id.updated": ("neutral", gettext_lazy("Customer tax id updated")),
    "credit_note.updated": ("neutral", gettext_lazy("Credit note updated")),
    "invoiceitem.created": ("neutral", gettext_lazy("Item added for the next invoice")),
    "invoiceitem.deleted": ("neutral", gettext_lazy("Item taken off the next invoice")),
    "payout.canceled": ("neutral", gettext_lazy("Payout canceled")),
    "payout.created": ("neutral", gettext_lazy("Payout created")),
    "payout.failed": ("neutral", gettext_lazy("Payout failed")),
    "payout.paid": ("neutral", gettext_lazy("Payout paid")),
    "payout.reconciliation_completed": ("neutral", gettext_lazy("Payout reconciliation completed")),
    "payout.updated": ("neutral", gettext_lazy("Payout updated")),
    "price.created": ("neutral", gettext_lazy("Price created")),
    "price.deleted": ("neutral", gettext_lazy("Price deleted")),
    "price.updated": ("neutral", gettext_lazy("Price updated")),
    "product.created": ("neutral", gettext_lazy("Product created")),
    "product.deleted": ("neutral", gettext_lazy("Product deleted")),
    "product.updated": ("neutral", gettext_lazy("Product updated")),
    "promotion_code.created": ("neutral", gettext_lazy("Promotion code created")),
    "promotion_code.updated": ("neutral", gettext_lazy("Promotion code updated")),
    "subscription_schedule.aborted": ("neutral", gettext_lazy("Subscription schedule aborted")),
    "subscription_schedule.canceled": ("neutral", gettext_lazy("Subscription schedule canceled")),
    "subscription_schedule.completed": ("neutral", gettext_lazy("Subscription schedule completed")),
    "subscription_schedule.created": ("neutral", gettext_lazy("Subscription schedule created")),
    "subscription_schedule.released": ("neutral", gettext_lazy("Subscription schedule released")),
    "subscription_schedule.updated": ("neutral", gettext_lazy("Subscription schedule updated")),
    "tax_rate.created": ("neutral", gettext_lazy("Tax rate created")),
    "tax_rate.updated": ("neutral", gettext_lazy("Tax rate updated")),
}


@dataclass(frozen=True)
class Happening:
    """`qualifier`: how far we are with it, where it is not done, or who did it. `tone`: negative for what was put
    aside. `href`: its page, may be empty; `title`: its name at Stripe. `amount`: minor units of `currency`.
    `of_webhook`: its page takes the right to see webhooks.
    """

    at: datetime
    tone: str
    words: str
    qualifier: str = ""
    href: str = ""
    title: str = ""
    detail: str = ""
    amount: int | None = None
    currency: str = ""
    of_webhook: bool = False


@dataclass(frozen=True)
class Day:
    name: str
    happenings: list[Happening]


def days_of(deliveries: Iterable[Delivery], now: datetime) -> list[Day]:
    """Newest first, grouped by the viewer's days."""
    return by_day(map(of_delivery, deliveries), now)


def by_day(happenings: Iterable[Happening], now: datetime) -> list[Day]:
    today = timezone.localdate(now)
    grouped = groupby(happenings, key=lambda each: timezone.localdate(each.at))
    return [Day(day_name(day, today), list(those)) for day, those in grouped]


def day_name(day: date, today: date) -> str:
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    return date_format(day, "l, j F" if day.year == today.year else "j F Y")


def of_delivery(delivery: Delivery) -> Happening:
    return of_event(delivery.created_at, delivery.event_id, delivery.event_type, delivery.state)


def of_event(at: datetime, event_id: str, event_type: str, state: str, changed: Iterable[str] = ()) -> Happening:
    """`changed`: names of the fields that it says changed."""
    tone, words = HAPPENED.get(event_type) or ("neutral", in_words(event_type))
    # What was put aside may not be in what is shown, however good its news.
    tone = "negative" if state == Delivery.State.QUARANTINED else tone
    return Happening(
        at=at,
        tone=tone,
        words=with_changed(str(words), changed),
        qualifier=str(UNDONE.get(state, "")),
        href=console_link(event_id),
        title=event_type,
        of_webhook=True,
    )


UNDONE: dict[str, Text] = {
    Delivery.State.RECEIVED: gettext_lazy("received here"),
    Delivery.State.PROCESSING: gettext_lazy("processing here"),
    Delivery.State.WAITING: gettext_lazy("waiting here"),
    Delivery.State.QUARANTINED: gettext_lazy("quarantined here"),
}


def in_words(event_type: str) -> str:
    """`customer.tax_id.created` -> `Customer tax id created`."""
    return event_type.replace(".", " ").replace("_", " ").capitalize()
