"""Which of an object's fields an event says changed, in words: names alone, no values."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.formatting import Text, together

MOST_NAMED = 3

NAMES: dict[str, Text] = {
    "status": gettext_lazy("status"),
    "email": gettext_lazy("e-mail"),
    "name": gettext_lazy("name"),
    "phone": gettext_lazy("telephone"),
    "address": gettext_lazy("address"),
    "shipping": gettext_lazy("delivery address"),
    "tax_ids": gettext_lazy("tax ids"),
    "tax_exempt": gettext_lazy("tax exemption"),
    "delinquent": gettext_lazy("delinquency"),
    "balance": gettext_lazy("balance"),
    "currency": gettext_lazy("currency"),
    "items": gettext_lazy("items"),
    "quantity": gettext_lazy("quantity"),
    "plan": gettext_lazy("price"),
    "discount": gettext_lazy("discounts"),
    "discounts": gettext_lazy("discounts"),
    "cancel_at_period_end": gettext_lazy("cancellation"),
    "cancel_at": gettext_lazy("cancellation"),
    "canceled_at": gettext_lazy("cancellation"),
    "cancellation_details": gettext_lazy("cancellation"),
    "pause_collection": gettext_lazy("pause of the collection"),
    "trial_end": gettext_lazy("trial"),
    "trial_start": gettext_lazy("trial"),
    "trial_settings": gettext_lazy("trial"),
    "default_payment_method": gettext_lazy("payment method"),
    "default_source": gettext_lazy("payment method"),
    "payment_method": gettext_lazy("payment method"),
    "invoice_settings": gettext_lazy("invoice settings"),
    "payment_settings": gettext_lazy("payment settings"),
    "collection_method": gettext_lazy("collection"),
    "days_until_due": gettext_lazy("days until due"),
    "due_date": gettext_lazy("due date"),
    "number": gettext_lazy("number"),
    "lines": gettext_lazy("lines"),
    "amount": gettext_lazy("amount"),
    "total": gettext_lazy("total"),
    "subtotal": gettext_lazy("total"),
    "amount_due": gettext_lazy("amount due"),
    "amount_paid": gettext_lazy("amount paid"),
    "amount_overpaid": gettext_lazy("amount overpaid"),
    "amount_remaining": gettext_lazy("amount remaining"),
    "amount_refunded": gettext_lazy("amount refunded"),
    "disputed": gettext_lazy("dispute"),
    "evidence": gettext_lazy("evidence"),
    "evidence_details": gettext_lazy("evidence"),
    "attempt_count": gettext_lazy("tries"),
    "attempted": gettext_lazy("tries"),
    "next_payment_attempt": gettext_lazy("next try"),
    "current_period_start": gettext_lazy("period"),
    "current_period_end": gettext_lazy("period"),
    "billing_cycle_anchor": gettext_lazy("day of billing"),
    "schedule": gettext_lazy("planned changes"),
    "current_phase": gettext_lazy("phase"),
    "phases": gettext_lazy("phases"),
    "pending_update": gettext_lazy("change that waits for a payment"),
    "ended_at": gettext_lazy("end"),
    "latest_invoice": gettext_lazy("latest invoice"),
    "automatic_tax": gettext_lazy("tax"),
    "tax": gettext_lazy("tax"),
    "default_tax_rates": gettext_lazy("tax"),
    "receipt_email": gettext_lazy("e-mail of the receipt"),
    "receipt_number": gettext_lazy("number of the receipt"),
    "card": gettext_lazy("card"),
    "billing_details": gettext_lazy("billing details"),
    "preferred_locales": gettext_lazy("languages"),
    "description": gettext_lazy("description"),
    "footer": gettext_lazy("footer"),
    "custom_fields": gettext_lazy("custom fields"),
    "metadata": gettext_lazy("metadata"),
}
"""In the order in which they are named: what people ask for first. What is not here goes last, as Stripe writes it."""
PLACES = {field: place for place, field in enumerate(NAMES)}


def with_changed(happened: str, fields: Iterable[str]) -> str:
    """`Customer changed: e-mail, address`, three names at most; without fields what happened alone."""
    ordered = sorted(fields, key=lambda each: (PLACES.get(each, len(PLACES)), each))
    names = list(dict.fromkeys(str(NAMES.get(each, each)) for each in ordered))
    if not names:
        return happened
    if rest := len(names[MOST_NAMED:]):
        said = ngettext("%(happened)s: %(names)s and %(rest)s more", "%(happened)s: %(names)s and %(rest)s more", rest)
        return said % {"happened": happened, "names": ", ".join(names[:MOST_NAMED]), "rest": rest}
    return _("%(happened)s: %(names)s") % {"happened": happened, "names": together(names)}
