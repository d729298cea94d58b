from django.db import models


class OwnAccount(models.Model):
    """The Stripe account that this deployment's key belongs to: one row, written from `GET /v1/account` only.

    Not "the account that was read last": a connected account's would then own every row after it.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    account_id = models.CharField(max_length=255)

    def __str__(self) -> str:
        return self.account_id
