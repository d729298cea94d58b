from django.db import models

from finances.models.stripe_object import KEY_LENGTH


class ObjectVersion(models.Model):
    """A state of an object that was seen, kept when its content changed. Stripe forgets after 30 days; we do not.

    `object_id`: its `state_key`, which is Stripe's id unless people may choose that.
    """

    object_id = models.CharField(max_length=KEY_LENGTH)
    seen_at = models.DateTimeField()
    ticket = models.BigIntegerField()
    stripe_data = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["object_id", "ticket"], name="paydesk_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.object_id} at {self.seen_at:%Y-%m-%d %H:%M:%S}"
