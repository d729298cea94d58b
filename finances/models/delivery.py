from django.db import models
from django.db.models import Value

EMPTY_LIST = Value([], output_field=models.JSONField())


class Delivery(models.Model):
    """The inbox: one row for an event, however often Stripe delivers it.

    `attempts` are Stripe's deliveries of the event, `tries` are ours to process it. `claim` fences a worker off
    whose lease ran out: it grows with each claim, and only the holder of the newest may record an outcome.

    `arrivals`: the latest of Stripe's deliveries, oldest first, each {"at": ISO 8601, "signed_with": "current" or
    "previous", "age": seconds from the signature's time stamp to us, "headers": {name: value}, without secrets}.
    `try_log`: the latest of our tries, oldest first, each {"at", "worker", "ms", "calls", "error"}, where a call failed
    with "detail", as `StripeProblem.code`; no error: it went, and "outcome" is what `outcome` was until a replay.
    Both are on the row, since a row more for each delivery would cost the acknowledgement a third of its time.

    `payload` is None once it was pruned; `payload_hash` (SHA-256 of the bytes that came, hex) and `payload_bytes` stay.
    `object_created_at`: of the object, where its JSON says so. `found_by`: the comparison with Stripe's list of events
    that found it; then `attempts` counts what Stripe delivered nevertheless. `replay`: the newest one that it was in.
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
    payload = models.JSONField(null=True)
    payload_hash = models.CharField(max_length=64, blank=True, default="", db_default="")
    payload_bytes = models.PositiveIntegerField(default=0, db_default=0)
    object_created_at = models.DateTimeField(null=True)
    request_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    arrivals = models.JSONField(default=list, db_default=EMPTY_LIST)
    try_log = models.JSONField(default=list, db_default=EMPTY_LIST)
    found_by = models.ForeignKey("CatchUp", null=True, on_delete=models.SET_NULL, related_name="found", db_index=False)
    replay = models.ForeignKey("Replay", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
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
            models.Index(fields=["event_type", "-received_at", "-event_id"], name="paydesk_delivery_type"),
            models.Index(fields=["processed_at"], name="paydesk_delivery_processed"),
            models.Index(
                fields=["received_at"],
                condition=models.Q(state__in=["received", "waiting", "processing"]),
                name="paydesk_delivery_due",
            ),
            models.Index(
                fields=["processed_at"],
                condition=models.Q(state__in=["processed", "ignored"], payload__isnull=False),
                name="paydesk_delivery_prunable",
            ),
            # Of the few that were found or replayed: an index of all would make each webhook dearer.
            models.Index(
                fields=["found_by", "-received_at"],
                condition=models.Q(found_by__isnull=False),
                name="paydesk_delivery_found",
            ),
            models.Index(
                fields=["replay", "state"], condition=models.Q(replay__isnull=False), name="paydesk_delivery_replay"
            ),
        ]
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return self.event_id
