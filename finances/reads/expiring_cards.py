"""Who is about to be charged to a card that will not work any more."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from finances.models import Customer, PaymentMethod, Subscription

RUNNING = ("active", "past_due", "trialing")


def charged_to_a_card_that_expires_in(month: date) -> Q:
    """Customers with a running subscription, charged automatically, whose card is good until the end of this month."""
    return Q(id__in=customers_on_a_card_that_expires_in(month))


def customers_on_a_card_that_expires_in(month: date) -> QuerySet[Any, Any]:
    """Their `customer_id`, each once. The subscription's own card counts, or the customer's default where it has none.

    Two queries in one, and not an OR, over which PostgreSQL reads every subscription; "not empty" is for their indexes.
    """
    cards = PaymentMethod.objects.filter(expires_year=month.year, expires_month=month.month, deleted_at=None)
    by_card = {"default_payment_method_id__in": cards.values("id")}
    owners = Customer.objects.filter(**by_card, deleted_at=None).exclude(default_payment_method_id="")
    charged = Subscription.objects.filter(status__in=RUNNING, deleted_at=None).exclude(collection_method="send_invoice")
    own = charged.filter(**by_card).exclude(default_payment_method_id="")
    by_default = charged.filter(default_payment_method_id="", customer_id__in=owners.values("id"))
    return own.values("customer_id").union(by_default.values("customer_id"))
