from django.db import models

from finances.models.mirrored import MirroredRow


class SubscriptionSchedule(MirroredRow):
    """What is to become of a subscription, in phases. The phases themselves are in Stripe's JSON."""

    customer_id = models.CharField(max_length=255, db_index=True)
    subscription_id = models.CharField(max_length=255, blank=True, db_index=True)
    status = models.CharField(max_length=16)
    end_behavior = models.CharField(max_length=16, blank=True)
    phase_starts_at = models.DateTimeField(null=True)
    phase_ends_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    canceled_at = models.DateTimeField(null=True)
