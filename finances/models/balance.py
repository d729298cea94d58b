from django.db import models

from finances.models.mirrored import MirroredRow, minor_units


class BalanceTransaction(MirroredRow):
    """A movement of the account's balance, in minor units of `currency`: `net` = `amount` - `fee`.

    `source_id`: the charge, refund, dispute or payout behind it.
    """

    type = models.CharField(max_length=64)
    reporting_category = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=16)
    currency = models.CharField(max_length=3)
    amount = minor_units()
    fee = minor_units()
    net = minor_units()
    source_id = models.CharField(max_length=255, blank=True, db_index=True)
    description = models.TextField(blank=True)
    available_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-created_at", "-id"], name="paydesk_balance_newest")]


class Payout(MirroredRow):
    """Money on its way from Stripe to the bank, in minor units of `currency`; negative is taken from the bank."""

    status = models.CharField(max_length=16)
    currency = models.CharField(max_length=3)
    amount = minor_units()
    automatic = models.BooleanField(default=True)
    failure_code = models.CharField(max_length=64, blank=True)
    balance_transaction_id = models.CharField(max_length=255, blank=True)
    arrives_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-created_at", "-id"], name="paydesk_payout_newest")]
