from django.conf import settings
from django.db import models


class CatchUp(models.Model):
    """One comparison of Stripe's list of events with ours, from `since` to the newest event there was.

    `listed`: events that Stripe has in this window; `held`: those of them that were here; `missed`: those that were
    not, and are now, as deliveries whose `found_by` is this. `place`: where another worker goes on: empty, after an
    event's id, `undelivered:<page>:<id>` in what Stripe could not deliver, or `end`. At most one has not ended.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        COMPLETE = "complete"
        FAILED = "failed"

    class Cause(models.TextChoices):
        SCHEDULE = "schedule"
        START = "start"
        PERSON = "person"
        COMMAND = "command"

    UNFINISHED = (State.QUEUED, State.RUNNING)

    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    cause = models.CharField(max_length=16, choices=Cause.choices)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    since = models.DateTimeField()
    newest_at = models.DateTimeField(null=True)
    newest_event_id = models.CharField(max_length=255, blank=True)
    place = models.CharField(max_length=255, blank=True)
    listed = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    missed = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    lease_until = models.DateTimeField(null=True)
    claim = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(state__in=["queued", "running"]), name="paydesk_one_catch_up"
            )
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="paydesk_catch_up_newest")]

    def __str__(self) -> str:
        return f"events since {self.since:%Y-%m-%d %H:%M} ({self.state})"


class EventWatermark(models.Model):
    """Up to where the events are whole: one row. Whatever Stripe made until `at` is in the inbox.

    `gap_from` to `gap_until`: a time whose events Stripe no longer had when we came back; only a resync of everything
    that began after `gap_found_at` closes it.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()
    event_id = models.CharField(max_length=255, blank=True)
    compared_at = models.DateTimeField(null=True)
    gap_from = models.DateTimeField(null=True)
    gap_until = models.DateTimeField(null=True)
    gap_found_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
