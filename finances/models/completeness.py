from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models


class ListedMonth(models.Model):
    """What Stripe listed of a type for one month of creation (UTC), the last time that somebody read the whole of it.

    `held`: of these, that were here before. `missing_here`: listed, but not here before; `missing_there`: here, but not
    listed, and Stripe said that they are gone. `differed`: the two sides were not the same. `verified_at`: when the
    reading of that month began, by our clock; what was created after `counted_to` is not in the counts.
    """

    MARGIN: ClassVar[timedelta] = timedelta(minutes=1)
    """Stripe's clock is not ours, and what is quite new may be missing in its lists or still on its way to us."""

    type = models.CharField(max_length=64)
    month = models.DateField()
    listed = models.PositiveIntegerField()
    held = models.PositiveIntegerField()
    missing_here = models.PositiveIntegerField(default=0)
    missing_there = models.PositiveIntegerField(default=0)
    differed = models.PositiveIntegerField(default=0)
    run = models.ForeignKey("paydesk.ResyncRun", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    verified_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "month"], name="paydesk_listed_month_once")]

    def __str__(self) -> str:
        return f"{self.type} of {self.month:%Y-%m}"

    @property
    def counted_to(self) -> datetime:
        return self.verified_at - self.MARGIN


class MissingScope(models.Model):
    """A type that the key may not read, as Stripe said when it was last asked. Gone with the first read that works."""

    type = models.CharField(primary_key=True, max_length=64)
    sentence = models.TextField()
    advice = models.TextField()
    noticed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.type
