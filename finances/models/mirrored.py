from django.db import models


class MirroredRow(models.Model):
    """A read-model row: typed columns of one Stripe object, written by `finances.mirror` only.

    Times are aware and in UTC; amounts are integers in the currency's minor unit.
    `deleted_at`: when the mirror learned from Stripe that the object is gone; the row stays readable.
    """

    id = models.CharField(primary_key=True, max_length=255)
    livemode = models.BooleanField(default=False)
    account_id = models.CharField(max_length=255, blank=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.id


def minor_units(**options) -> models.BigIntegerField:
    return models.BigIntegerField(default=0, **options)
