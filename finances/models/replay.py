import uuid

from django.conf import settings
from django.db import models

from finances.models.delivery import Delivery


class Replay(models.Model):
    """Deliveries that are processed once more: those that matched `conditions` when it was asked for.

    `conditions`: a `finances.reads.webhooks.Conditions` as JSON; `asked_at` bounds them: what came later, or was
    processed or put aside later, is not drawn in. `estimate`: how many matched then, counted to 10,000. `total`: how
    many were put back, grows until `place` is at the end; `skipped`: the others that matched, since they were on their
    way or are done since, or may have no effect here (another mode's or account's). At the end the two make up the
    estimate. The work on each is a delivery's usual one; its result stands in `ReplayedDelivery`.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        COMPLETE = "complete"
        PARTIAL = "partial"

    UNFINISHED = (State.QUEUED, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    conditions = models.JSONField(default=dict)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    reason = models.TextField(blank=True)
    estimate = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    place = models.CharField(max_length=255, blank=True)
    spread = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-asked_at", "-id"], name="paydesk_replay_newest")]

    def __str__(self) -> str:
        return f"{self.id} ({self.state})"


class ReplayedDelivery(models.Model):
    """What became of one delivery in one replay; `state` is empty until it is settled or quarantined."""

    replay = models.ForeignKey(Replay, on_delete=models.CASCADE, related_name="results", db_index=False)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="replays")
    state = models.CharField(max_length=16, choices=Delivery.State.choices, blank=True)
    result = models.TextField(blank=True)
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["replay", "delivery"], name="paydesk_replayed_once")]
        indexes = [models.Index(fields=["replay", "state"], name="paydesk_replayed_state")]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.state}"
