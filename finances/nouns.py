"""What Stripe's types are called in sentences, in the language that is in force."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy


class Noun(NamedTuple):
    """Lazy texts. `counted` takes `n`, the number, and `count`, the number as it is written."""

    one: Any
    many: Any
    counted: Any


NOUNS = {
    "account": Noun(_("account"), _("accounts"), ngettext_lazy("%(count)s account", "%(count)s accounts", "n")),
    "balance_transaction": Noun(
        _("balance transaction"),
        _("balance transactions"),
        ngettext_lazy("%(count)s balance transaction", "%(count)s balance transactions", "n"),
    ),
    "charge": Noun(_("charge"), _("charges"), ngettext_lazy("%(count)s charge", "%(count)s charges", "n")),
    "coupon": Noun(_("coupon"), _("coupons"), ngettext_lazy("%(count)s coupon", "%(count)s coupons", "n")),
    "credit_note": Noun(
        _("credit note"), _("credit notes"), ngettext_lazy("%(count)s credit note", "%(count)s credit notes", "n")
    ),
    "customer": Noun(_("customer"), _("customers"), ngettext_lazy("%(count)s customer", "%(count)s customers", "n")),
    "customer_balance_transaction": Noun(
        _("customer balance transaction"),
        _("customer balance transactions"),
        ngettext_lazy("%(count)s customer balance transaction", "%(count)s customer balance transactions", "n"),
    ),
    "dispute": Noun(_("dispute"), _("disputes"), ngettext_lazy("%(count)s dispute", "%(count)s disputes", "n")),
    "invoice": Noun(_("invoice"), _("invoices"), ngettext_lazy("%(count)s invoice", "%(count)s invoices", "n")),
    "invoice_payment": Noun(
        _("invoice payment"),
        _("invoice payments"),
        ngettext_lazy("%(count)s invoice payment", "%(count)s invoice payments", "n"),
    ),
    "payment_intent": Noun(
        _("payment intent"),
        _("payment intents"),
        ngettext_lazy("%(count)s payment intent", "%(count)s payment intents", "n"),
    ),
    "payment_method": Noun(
        _("payment method"),
        _("payment methods"),
        ngettext_lazy("%(count)s payment method", "%(count)s payment methods", "n"),
    ),
    "payout": Noun(_("payout"), _("payouts"), ngettext_lazy("%(count)s payout", "%(count)s payouts", "n")),
    "price": Noun(_("price"), _("prices"), ngettext_lazy("%(count)s price", "%(count)s prices", "n")),
    "product": Noun(_("product"), _("products"), ngettext_lazy("%(count)s product", "%(count)s products", "n")),
    "promotion_code": Noun(
        _("promotion code"),
        _("promotion codes"),
        ngettext_lazy("%(count)s promotion code", "%(count)s promotion codes", "n"),
    ),
    "refund": Noun(_("refund"), _("refunds"), ngettext_lazy("%(count)s refund", "%(count)s refunds", "n")),
    "setup_intent": Noun(
        _("setup intent"), _("setup intents"), ngettext_lazy("%(count)s setup intent", "%(count)s setup intents", "n")
    ),
    "subscription": Noun(
        _("subscription"), _("subscriptions"), ngettext_lazy("%(count)s subscription", "%(count)s subscriptions", "n")
    ),
    "subscription_schedule": Noun(
        _("subscription schedule"),
        _("subscription schedules"),
        ngettext_lazy("%(count)s subscription schedule", "%(count)s subscription schedules", "n"),
    ),
    "tax_rate": Noun(_("tax rate"), _("tax rates"), ngettext_lazy("%(count)s tax rate", "%(count)s tax rates", "n")),
}
OBJECTS = ngettext_lazy("%(count)s object", "%(count)s objects", "n")


def one(object_type: str) -> str:
    """`payment intent`; a type that Paydesk does not know, readable."""
    return str(NOUNS[object_type].one) if object_type in NOUNS else object_type.replace("_", " ")


def many(object_type: str) -> str:
    """`payment intents`."""
    return str(NOUNS[object_type].many) if object_type in NOUNS else object_type.replace("_", " ") + "s"


def counted(count: int, object_type: str = "") -> str:
    """`1 refund`, `1,250 payment intents`; of a type that Paydesk does not know, or of none, `3 objects`."""
    words = NOUNS[object_type].counted if object_type in NOUNS else OBJECTS
    return words % {"n": count, "count": f"{count:,}"}
