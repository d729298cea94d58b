from django.db import models

from finances.models.mirrored import MirroredRow


class Subscription(MirroredRow):
    """Stripe's subscription.

    `mrr`: its monthly value, a Decimal in minor units a month, whatever its status (metrics choose the statuses
    that count); null where an item's price cannot be computed yet. Definition: `finances.metrics.monthly_value`.
    `current_period_end`: the earliest of its items'.
    """

    customer_id = models.CharField(max_length=255, db_index=True)
    status = models.CharField(max_length=32)
    currency = models.CharField(max_length=3)
    mrr = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    current_period_end = models.DateTimeField(null=True)
    cancel_at_period_end = models.BooleanField(default=False)
    cancel_at = models.DateTimeField(null=True)
    collection_paused = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    search_text = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="paydesk_subscription_newest"),
            models.Index(fields=["status", "-created_at", "-id"], name="paydesk_subscription_status"),
        ]


class SubscriptionItem(MirroredRow):
    """One price of a subscription.

    `unit_amount`: minor units, with fractions; null for tiers. `quantity`: null if metered.
    """

    subscription_id = models.CharField(max_length=255, db_index=True)
    price_id = models.CharField(max_length=255, db_index=True)
    product_id = models.CharField(max_length=255, db_index=True)
    quantity = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    currency = models.CharField(max_length=3)
    unit_amount = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    interval = models.CharField(max_length=8, blank=True)
    interval_count = models.PositiveIntegerField(default=1)
