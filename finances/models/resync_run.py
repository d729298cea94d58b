import uuid

from django.conf import settings
from django.db import models


class ResyncRun(models.Model):
    """One resync, readable while it runs and after: who, when, how far, why it stopped.

    `total`: objects, an estimate until the end (Stripe's lists have no counts). `plan` and `cursor` are what a worker
    needs to go on where another one stopped. At most one run that has not ended for a target.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        PAUSED = "paused"
        COMPLETE = "complete"
        PARTIAL = "partial"
        FAILED = "failed"
        CANCELLED = "cancelled"

    UNFINISHED = (State.QUEUED, State.RUNNING, State.PAUSED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    target = models.CharField(max_length=255)
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="resync_runs"
    )
    reason = models.TextField(blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0)
    plan = models.JSONField(default=list)
    cursor = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    lease_until = models.DateTimeField(null=True)
    claim = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["target"],
                condition=models.Q(state__in=["queued", "running", "paused"]),
                name="paydesk_one_run_a_target",
            )
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="paydesk_run_newest")]

    def __str__(self) -> str:
        return f"{self.target} ({self.state})"


class ResyncFinding(models.Model):
    """What a run found about one object: that it changed (and how), is new, is gone, or could not be read (and why).

    `differences`: list of {"field", "before", "after"}; a side that has no value lacks its key.
    `advice`: what a person can do about a failure, in a sentence.
    """

    class Kind(models.TextChoices):
        CHANGED = "changed"
        NEW = "new"
        GONE = "gone"
        FAILED = "failed"

    run = models.ForeignKey(ResyncRun, on_delete=models.CASCADE, related_name="findings")
    object_id = models.CharField(max_length=255)
    object_type = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    differences = models.JSONField(default=list)
    problem = models.TextField(blank=True)
    advice = models.TextField(blank=True)
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "object_id", "kind"], name="paydesk_finding_once"),
        ]

    def __str__(self) -> str:
        return f"{self.object_id} {self.kind}"
