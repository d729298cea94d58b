from django.db import models


class RetentionPlace(models.Model):
    """How far something that is removed in the order of its keys has been looked through."""

    kind = models.CharField(primary_key=True, max_length=16)
    place = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.kind} to {self.place}"
