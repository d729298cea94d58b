"""What the columns and the models of Stripe's books are called: Django would make it of the names in the code."""

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from finances.nouns import NOUNS

LABELS = {
    "active": _("active"),
    "amount": _("amount"),
    "arrives_at": _("arrives at"),
    "automatic": _("automatic"),
    "available_at": _("available at"),
    "balance_transaction_id": _("balance transaction id"),
    "code": _("code"),
    "country": _("country"),
    "coupon_id": _("coupon id"),
    "created_at": _("created at"),
    "currency": _("currency"),
    "customer_id": _("customer id"),
    "deleted_at": _("deleted at"),
    "description": _("description"),
    "display_name": _("display name"),
    "expires_at": _("expires at"),
    "failure_code": _("failure code"),
    "id": _("id"),
    "inclusive": _("inclusive"),
    "invoice_id": _("invoice id"),
    "jurisdiction": _("jurisdiction"),
    "livemode": _("livemode"),
    "max_redemptions": _("max redemptions"),
    "memo": _("memo"),
    "number": _("number"),
    "percentage": _("percentage"),
    "reason": _("reason"),
    "reporting_category": _("reporting category"),
    "source_id": _("source id"),
    "status": _("status"),
    "times_redeemed": _("times redeemed"),
    "type": _("type"),
    "voided_at": _("voided at"),
}


def name(model: type[Model], object_type: str) -> None:
    """Not in the model: it draws nothing, and a migration would keep the words of one language."""
    noun = NOUNS[object_type]
    model._meta.verbose_name, model._meta.verbose_name_plural = noun.one, noun.many
    for field in model._meta.fields:
        if field.name in LABELS:
            field.verbose_name = LABELS[field.name]
