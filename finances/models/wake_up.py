from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models


class WakeUp(models.Model):
    """One row a kind of work. `pending` is true from the wake-up until a worker takes it: one task, not one a row."""

    class Kind(models.TextChoices):
        DELIVERIES = "deliveries"
        RESYNCS = "resyncs"
        EXPORTS = "exports"

    kind = models.CharField(primary_key=True, max_length=32, choices=Kind.choices)
    pending = models.BooleanField(default=False)
    asked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.kind


class WorkerHeartbeat(models.Model):
    """A worker that is alive says so every few seconds; commands and pages read whether anyone will do the work."""

    GONE_AFTER: ClassVar[timedelta] = timedelta(seconds=30)
    """One that has said nothing for so long counts as gone."""

    worker = models.CharField(primary_key=True, max_length=64)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.worker

    @classmethod
    def is_anyone_alive(cls, now: datetime) -> bool:
        return cls._base_manager.filter(seen_at__gt=now - cls.GONE_AFTER).exists()


class Ticket(models.Model):
    """SQLite's counter of tickets, one row; PostgreSQL has a sequence of its own (see `finances.tickets`)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    last = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)
