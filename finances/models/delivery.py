from django.db import models


class Delivery(models.Model):
    """The inbox: one row for an event, however often Stripe delivers it.

    `attempts` are Stripe's deliveries of the event, `tries` are ours to process it. `claim` fences a worker off
    whose lease ran out: it grows with each claim, and only the holder of the newest may record an outcome.
    """

    class State(models.TextChoices):
        RECEIVED = "received"
        PROCESSING = "processing"
        WAITING = "waiting"
        PROCESSED = "processed"
        IGNORED = "ignored"
        QUARANTINED = "quarantined"

    event_id = models.CharField(primary_key=True, max_length=255)
    event_type = models.CharField(max_length=255)
    object_id = models.CharField(max_length=255, blank=True)
    object_type = models.CharField(max_length=64, blank=True)
    customer_id = models.CharField(max_length=255, blank=True, db_index=True)
    api_version = models.CharField(max_length=64, blank=True)
    livemode = models.BooleanField(default=False)
    account_id = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.RECEIVED)
    reason = models.TextField(blank=True)
    outcome = models.TextField(blank=True)
    payload = models.JSONField()
    attempts = models.PositiveIntegerField(default=1)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    claim = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)

    class Meta:
        permissions = [
            ("view_payload", "Can read the payload of a webhook"),
            ("replay_delivery", "Can process a webhook again"),
        ]
        indexes = [
            models.Index(fields=["-received_at", "-event_id"], name="paydesk_delivery_newest"),
            models.Index(fields=["state", "-received_at", "-event_id"], name="paydesk_delivery_state"),
            models.Index(fields=["object_id", "-received_at"], name="paydesk_delivery_object"),
            models.Index(
                fields=["received_at"],
                condition=models.Q(state__in=["received", "waiting", "processing"]),
                name="paydesk_delivery_due",
            ),
        ]
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return self.event_id
