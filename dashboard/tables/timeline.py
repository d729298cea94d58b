"""What webhooks say happened, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils import timezone
from django.utils.formats import date_format

from dashboard.formatting import console_link
from finances.models import Delivery

HAPPENED = {
    "charge.captured": ("positive", "Money taken from the card"),
    "charge.dispute.closed": ("neutral", "Dispute closed"),
    "charge.dispute.created": ("urgent", "Payment disputed"),
    "charge.dispute.funds_reinstated": ("positive", "Disputed money came back"),
    "charge.dispute.funds_withdrawn": ("negative", "Disputed money withdrawn"),
    "charge.dispute.updated": ("neutral", "Dispute changed"),
    "charge.expired": ("neutral", "Reserved money went back"),
    "charge.failed": ("negative", "Charge failed"),
    "charge.pending": ("info", "Charge on its way"),
    "charge.refund.updated": ("neutral", "Refund changed"),
    "charge.refunded": ("neutral", "Payment refunded"),
    "charge.succeeded": ("positive", "Charge succeeded"),
    "charge.updated": ("neutral", "Charge changed"),
    "credit_note.created": ("neutral", "Credit note issued"),
    "credit_note.voided": ("neutral", "Credit note voided"),
    "customer.created": ("info", "Customer created"),
    "customer.deleted": ("negative", "Customer deleted"),
    "customer.updated": ("neutral", "Customer changed"),
    "customer.subscription.created": ("info", "Subscription started"),
    "customer.subscription.deleted": ("negative", "Subscription ended"),
    "customer.subscription.paused": ("warning", "Subscription paused"),
    "customer.subscription.resumed": ("positive", "Subscription resumed"),
    "customer.subscription.trial_will_end": ("warning", "Trial ends soon"),
    "customer.subscription.updated": ("neutral", "Subscription changed"),
    "invoice.created": ("neutral", "Invoice drafted"),
    "invoice.deleted": ("neutral", "Draft deleted"),
    "invoice.finalized": ("info", "Invoice issued"),
    "invoice.marked_uncollectible": ("negative", "Invoice written off"),
    "invoice.overdue": ("urgent", "Invoice past due"),
    "invoice.paid": ("positive", "Invoice paid"),
    "invoice.payment_action_required": ("warning", "Payment of the invoice waits for the customer"),
    "invoice.payment_failed": ("negative", "Payment of the invoice failed"),
    "invoice.payment_succeeded": ("positive", "Payment of the invoice succeeded"),
    "invoice.sent": ("info", "Invoice sent"),
    "invoice.upcoming": ("neutral", "Renewal comes up"),
    "invoice.updated": ("neutral", "Invoice changed"),
    "invoice.voided": ("neutral", "Invoice voided"),
    "invoice_payment.paid": ("positive", "Payment assigned to the invoice"),
    "payment_intent.canceled": ("neutral", "Payment canceled"),
    "payment_intent.created": ("neutral", "Payment begun"),
    "payment_intent.payment_failed": ("negative", "Payment failed"),
    "payment_intent.processing": ("info", "Payment on its way"),
    "payment_intent.requires_action": ("warning", "Payment waits for the customer"),
    "payment_intent.succeeded": ("positive", "Payment succeeded"),
    "payment_method.attached": ("info", "Payment method added"),
    "payment_method.detached": ("neutral", "Payment method removed"),
    "payment_method.automatically_updated": ("info", "Card renewed by its bank"),
    "payment_method.updated": ("neutral", "Payment method changed"),
    "refund.created": ("neutral", "Refund made"),
    "refund.failed": ("negative", "Refund failed"),
    "refund.updated": ("neutral", "Refund changed"),
    "setup_intent.canceled": ("neutral", "Saving a payment method was given up"),
    "setup_intent.created": ("neutral", "Saving a payment method begun"),
    "setup_intent.requires_action": ("warning", "Saving a payment method waits for the customer"),
    "setup_intent.setup_failed": ("negative", "Payment method could not be saved"),
    "setup_intent.succeeded": ("positive", "Payment method saved for later"),
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
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    return date_format(day, "l, j F" if day.year == today.year else "j F Y")


def of_delivery(delivery: Delivery) -> Happening:
    return of_event(delivery.created_at, delivery.event_id, delivery.event_type, delivery.state)


def of_event(at: datetime, event_id: str, event_type: str, state: str) -> Happening:
    tone, words = HAPPENED.get(event_type) or ("neutral", in_words(event_type))
    done = state in (Delivery.State.PROCESSED, Delivery.State.IGNORED)
    # What was put aside may not be in what is shown, however good its news.
    tone = "negative" if state == Delivery.State.QUARANTINED else tone
    return Happening(
        at=at,
        tone=tone,
        words=words,
        qualifier="" if done else f"{state} here",
        href=console_link(event_id),
        title=event_type,
        of_webhook=True,
    )


def in_words(event_type: str) -> str:
    """`customer.tax_id.created` -> `Customer tax id created`."""
    return event_type.replace(".", " ").replace("_", " ").capitalize()
