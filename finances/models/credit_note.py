from django.db import models

from finances.models.mirrored import MirroredRow, minor_units


class CreditNote(MirroredRow):
    """What an invoice was lowered by after it was finalised. Minor units of `currency`.

    `pre_payment_amount` lowered what is open; `post_payment_amount` was given back: `refund_amount` to the method,
    `customer_balance_amount` as credit, `out_of_band_amount` outside Stripe.
    """

    number = models.CharField(max_length=255, blank=True)
    invoice_id = models.CharField(max_length=255, db_index=True)
    customer_id = models.CharField(max_length=255, blank=True, db_index=True)
    status = models.CharField(max_length=16)
    reason = models.CharField(max_length=64, blank=True)
    currency = models.CharField(max_length=3)
    total = minor_units()
    pre_payment_amount = minor_units()
    post_payment_amount = minor_units()
    customer_balance_amount = minor_units()
    refund_amount = minor_units()
    out_of_band_amount = minor_units()
    memo = models.TextField(blank=True)
    created_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)
    search_text = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="paydesk_credit_note_newest"),
            models.Index(
                fields=["total", "id"], condition=models.Q(deleted_at__isnull=True), name="paydesk_credit_note_by_total"
            ),
        ]
