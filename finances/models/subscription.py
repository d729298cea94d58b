from django.db import models

from finances.models.mirrored import MirroredRow


class Subscription(MirroredRow):
    """Stripe's subscription.

    `mrr`: its monthly value, a Decimal in minor units a month, whatever its status (metrics choose the statuses
    that count); null where it cannot be computed, and `mrr_gap` says why. Definition: `finances.metrics.monthly_value`.
    `paying_since`, `paying_until`: the time in which it counts as recurring revenue, the end excluded; null for a
    beginning that never came, and for an end that has not come. Definition: `finances.mirror.projections`.
    `current_period_end`: the earliest of its items'.
    """

    customer_id = models.CharField(max_length=255)
    status = models.CharField(max_length=32)
    currency = models.CharField(max_length=3)
    mrr = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    mrr_gap = models.CharField(max_length=32, blank=True, default="", db_default="")
    paying_since = models.DateTimeField(null=True)
    paying_until = models.DateTimeField(null=True)
    current_period_end = models.DateTimeField(null=True)
    cancel_at_period_end = models.BooleanField(default=False)
    cancel_at = models.DateTimeField(null=True)
    canceled_at = models.DateTimeField(null=True)
    cancellation_reason = models.CharField(max_length=64, blank=True, default="", db_default="")
    cancellation_feedback = models.CharField(max_length=64, blank=True, default="", db_default="")
    collection_paused = models.BooleanField(default=False)
    collection_method = models.CharField(max_length=32, blank=True, default="", db_default="")
    default_payment_method_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    trial_ends_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    search_text = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="paydesk_subscription_newest"),
            # With whose they are: customers are counted by the statuses that few subscriptions have.
            models.Index(
                fields=["status", "-created_at", "-id"], include=["customer_id"], name="paydesk_subscription_by_status"
            ),
            models.Index(fields=["paying_since", "paying_until"], name="paydesk_subscription_paying"),
            models.Index(
                fields=["paying_until"],
                condition=models.Q(paying_until__isnull=False),
                name="paydesk_subscription_ended",
            ),
            models.Index(
                fields=["status"], condition=models.Q(cancel_at_period_end=True), name="paydesk_subscription_leaving"
            ),
            models.Index(
                fields=["default_payment_method_id"],
                condition=~models.Q(default_payment_method_id=""),
                name="paydesk_subscription_method",
            ),
            # Who subscribes how: customers are counted by it.
            models.Index(fields=["customer_id", "status"], name="paydesk_subscription_whose"),
            models.Index(
                fields=["currency", "-created_at", "-id"], include=["status"], name="paydesk_subscription_currency"
            ),
            models.Index(fields=["mrr", "id"], name="paydesk_subscription_by_mrr"),
            models.Index(fields=["current_period_end", "id"], name="paydesk_subscription_by_end"),
            # The few that have such a day.
            models.Index(
                fields=["trial_ends_at"],
                condition=models.Q(trial_ends_at__isnull=False),
                name="paydesk_subscription_trial_end",
            ),
            models.Index(
                fields=["canceled_at"],
                condition=models.Q(canceled_at__isnull=False),
                name="paydesk_subscription_canceled",
            ),
        ]


class SubscriptionItem(MirroredRow):
    """One price of a subscription.

    `unit_amount`: minor units, with fractions; null for tiers. `quantity`: null if metered.
    `mrr`: its part of the subscription's monthly value; null where the subscription has none.
    """

    subscription_id = models.CharField(max_length=255, db_index=True)
    # To join by, without a column or a constraint of its own.
    subscription = models.ForeignObject(
        Subscription, on_delete=models.DO_NOTHING, from_fields=["subscription_id"], to_fields=["id"], related_name="+"
    )
    price_id = models.CharField(max_length=255, db_index=True)
    product_id = models.CharField(max_length=255, db_index=True)
    quantity = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    currency = models.CharField(max_length=3)
    unit_amount = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    interval = models.CharField(max_length=8, blank=True)
    interval_count = models.PositiveIntegerField(default=1)
    mrr = models.DecimalField(max_digits=24, decimal_places=6, null=True)
