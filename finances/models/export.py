import uuid

from django.conf import settings
from django.db import models


class Export(models.Model):
    """A list that a worker makes into a file: who asked for what, how far it is, and until when the file is kept.

    `list`: the name of its page. `conditions`: the query string that narrows it, as the page reads it; its days are cut
    in `zone`, and what depends on the time (past due) holds as of `asked_at`. `key`: a digest of what is asked for; one
    with a key is made at a time. `total`: rows, counted when it was begun; null before. `rows`: how many are in the
    file so far. `size`: bytes. `tries`: how often it was begun. `problem`: why it failed.
    The file stands in `ExportPiece`, and goes at `expires_at`.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        COMPLETE = "complete"
        FAILED = "failed"
        EXPIRED = "expired"

    UNFINISHED = (State.QUEUED, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # With the account go its files: nobody else may have them.
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    list = models.CharField(max_length=64)
    format = models.CharField(max_length=8)
    conditions = models.TextField(blank=True)
    zone = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    total = models.PositiveIntegerField(null=True)
    rows = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    problem = models.TextField(blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    claim = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        permissions = [("export_lists", "Can take lists away as files")]
        constraints = [
            models.UniqueConstraint(
                fields=["requested_by", "key"],
                condition=models.Q(state__in=["queued", "running"]),
                name="paydesk_one_export_a_key",
            )
        ]
        indexes = [models.Index(fields=["requested_by", "-asked_at", "-id"], name="paydesk_export_newest")]

    def __str__(self) -> str:
        return f"{self.list}.{self.format} ({self.state})"


class ExportPiece(models.Model):
    """A piece of an export's file, in the order of `number`."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="pieces", db_index=False)
    number = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["export", "number"], name="paydesk_export_piece_once")]

    def __str__(self) -> str:
        return f"{self.export_id} piece {self.number}"
