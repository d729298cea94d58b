from django.db import models

from finances.models.mirrored import MirroredRow


class PaymentMethod(MirroredRow):
    """A card or another way to pay. `customer_id` is empty once it is detached. `brand`: a card's, or a bank's name."""

    customer_id = models.CharField(max_length=255, blank=True, db_index=True)
    type = models.CharField(max_length=32)
    brand = models.CharField(max_length=64, blank=True)
    last4 = models.CharField(max_length=4, blank=True)
    expires_month = models.PositiveSmallIntegerField(null=True)
    expires_year = models.PositiveSmallIntegerField(null=True)
    funding = models.CharField(max_length=16, blank=True)
    country = models.CharField(max_length=2, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["expires_year", "expires_month"], name="paydesk_method_expiry"),
            models.Index(fields=["last4"], condition=~models.Q(last4=""), name="paydesk_method_last4"),
        ]
