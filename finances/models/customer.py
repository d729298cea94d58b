from django.db import models
from django.db.models.functions import Lower

from finances.models.mirrored import MirroredRow, minor_units


class Customer(MirroredRow):
    """Stripe's customer. `balance`: minor units of `currency`, negative is credit in the customer's favour.

    `default_payment_method_id`: of the invoice settings, or else the older default source.
    `subscriber_id`: the application's own user or tenant, as dj-stripe writes it into the metadata; may be empty.
    `subscribing`: what their subscriptions come to. `paying_since`: when the first of them began that was ever paid
    for, None where none was. Both stand in the subscriptions' rows: `finances.mirror.neighbours`.
    """

    class Subscribing(models.TextChoices):
        """`running`: not ended, and none of them active. `canceled`: all have ended, one of them was canceled.
        `expired`: none was ever begun."""

        ACTIVE = "active"
        RUNNING = "running"
        CANCELED = "canceled"
        EXPIRED = "expired"
        NONE = "none"

    email = models.CharField(max_length=512, blank=True)
    name = models.CharField(max_length=512, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    balance = minor_units()
    delinquent = models.BooleanField(default=False)
    phone = models.CharField(max_length=64, blank=True, default="", db_default="")
    country = models.CharField(max_length=2, blank=True, default="", db_default="")
    default_payment_method_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    subscriber_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    subscribing = models.CharField(
        max_length=16, choices=Subscribing.choices, default=Subscribing.NONE, db_default=Subscribing.NONE.value
    )
    paying_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    search_text = models.TextField(blank=True)

    class Meta:
        permissions = [("resync_objects", "Can resync objects from Stripe")]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="paydesk_customer_newest"),
            models.Index(
                fields=["subscriber_id"], condition=~models.Q(subscriber_id=""), name="paydesk_customer_subscriber"
            ),
            models.Index(
                fields=["default_payment_method_id"],
                condition=~models.Q(default_payment_method_id=""),
                name="paydesk_customer_method",
            ),
            models.Index(fields=["country", "-created_at", "-id"], name="paydesk_customer_country"),
            models.Index(fields=["currency", "-created_at", "-id"], name="paydesk_customer_currency"),
            models.Index(
                fields=["-created_at", "-id"], condition=models.Q(delinquent=True), name="paydesk_customer_delinquent"
            ),
            # Tabs of the list: active, canceled, none.
            models.Index(fields=["subscribing", "-created_at", "-id"], name="paydesk_customer_subscribing"),
            # New subscribers of a month.
            models.Index(
                fields=["paying_since"], condition=models.Q(paying_since__isnull=False), name="paydesk_customer_since"
            ),
            # Sorted by, whatever the capitals.
            models.Index(Lower("name"), "id", name="paydesk_customer_by_name"),
            models.Index(Lower("email"), "id", name="paydesk_customer_by_email"),
        ]
