from django.db import models


class RateBudget(models.Model):
    """A token bucket that all workers on all machines share: `all`, and one for each of Stripe's endpoints.

    `level`: calls that may be made at `filled_at`; it fills up with time, and urgent work may take it below zero.
    `taken`, `taken_before`: calls that were handed out in the minute that began at `minute`, and in the one before it.
    `paused_until`: Stripe said 429, nobody calls before. Of `all`, the breaker: `failures` in a row since
    `failing_since`, and nobody calls before `open_until`.

    All times are the database's: machines' clocks differ.
    """

    scope = models.CharField(primary_key=True, max_length=64)
    level = models.FloatField()
    filled_at = models.DateTimeField()
    minute = models.DateTimeField(null=True)
    taken = models.PositiveIntegerField(default=0)
    taken_before = models.PositiveIntegerField(default=0)
    paused_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    open_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.scope}: {self.level:.1f} calls"
