from django.db import models

from finances.models.mirrored import MirroredRow, minor_units


class Refund(MirroredRow):
    """Money that goes back. Minor units of `currency`. `customer_id` is the charge's: Stripe's refund names none."""

    charge_id = models.CharField(max_length=255, blank=True, db_index=True)
    payment_intent_id = models.CharField(max_length=255, blank=True, db_index=True)
    customer_id = models.CharField(max_length=255, blank=True, db_index=True)
    status = models.CharField(max_length=16)
    reason = models.CharField(max_length=64, blank=True)
    failure_reason = models.CharField(max_length=64, blank=True)
    currency = models.CharField(max_length=3)
    amount = minor_units()
    balance_transaction_id = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField()
    search_text = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="paydesk_refund_newest"),
            models.Index(fields=["status", "-created_at", "-id"], name="paydesk_refund_status"),
            models.Index(
                fields=["amount", "id"], condition=models.Q(deleted_at__isnull=True), name="paydesk_refund_by_amount"
            ),
        ]
