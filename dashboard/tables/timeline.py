"""What webhooks say happened, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils import timezone
from django.utils.formats import date_format

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
    """`qualifier`: how far we are with it, where it is not done. `tone`: negative for what was put aside."""

    tone: str
    words: str
    qualifier: str
    delivery: Delivery


@dataclass(frozen=True)
class Day:
    name: str
    happenings: list[Happening]


def days_of(deliveries: Iterable[Delivery], now: datetime) -> list[Day]:
    """Newest first, grouped by the viewer's days."""
    today = timezone.localdate(now)
    grouped = groupby(deliveries, key=lambda each: timezone.localdate(each.created_at))
    return [Day(day_name(day, today), [happening(each) for each in those]) for day, those in grouped]


def day_name(day: date, today: date) -> str:
    if day == today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    return date_format(day, "l, j F" if day.year == today.year else "j F Y")


def happening(delivery: Delivery) -> Happening:
    tone, words = HAPPENED.get(delivery.event_type) or ("neutral", in_words(delivery.event_type))
    done = delivery.state in (Delivery.State.PROCESSED, Delivery.State.IGNORED)
    # What was put aside may not be in what is shown, however good its news.
    tone = "negative" if delivery.state == Delivery.State.QUARANTINED else tone
    return Happening(tone, words, "" if done else f"{delivery.state} here", delivery)


def in_words(event_type: str) -> str:
    """`customer.tax_id.created` -> `Customer tax id created`."""
    return event_type.replace(".", " ").replace("_", " ").capitalize()
