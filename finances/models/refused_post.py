from django.db import models


class RefusedPosts(models.Model):
    """What was sent to the webhook's address and refused: a counter a minute and reason, and nothing of what came."""

    minute = models.DateTimeField()
    reason = models.CharField(max_length=64)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["minute", "reason"], name="paydesk_refused_once")]
        verbose_name_plural = "refused posts"

    def __str__(self) -> str:
        return f"{self.count} in {self.minute:%H:%M}: {self.reason}"
