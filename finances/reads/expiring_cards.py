"""Who is about to be charged to a card that will not work any more."""

from datetime import date

from django.db.models import Q, QuerySet

from finances.models import Customer, PaymentMethod, Subscription

RUNNING = ("active", "past_due", "trialing")


def charged_to_a_card_that_expires_in(month: date) -> Q:
    """Customers with a running subscription, charged automatically, whose card is good until the end of this month."""
    return Q(id__in=subscriptions_on_a_card_that_expires_in(month).values("customer_id"))


def subscriptions_on_a_card_that_expires_in(month: date) -> QuerySet[Subscription]:
    """Those subscriptions. The subscription's own card counts, or the customer's default where it has none."""
    cards = PaymentMethod.objects.filter(expires_year=month.year, expires_month=month.month, deleted_at=None).values(
        "id"
    )
    owners = Customer.objects.filter(default_payment_method_id__in=cards, deleted_at=None).values("id")
    charged = Subscription.objects.filter(status__in=RUNNING, deleted_at=None).exclude(collection_method="send_invoice")
    by_default = Q(default_payment_method_id="", customer_id__in=owners)
    return charged.filter(Q(default_payment_method_id__in=cards) | by_default)
