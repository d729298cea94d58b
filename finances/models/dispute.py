from django.db import models

from finances.models.mirrored import MirroredRow, minor_units
from finances.models.payment import Charge


class Dispute(MirroredRow):
    """A charge that the customer's bank takes back, or asks about. Minor units of `currency`.

    `evidence_due_at`: until when Stripe takes an answer; null when there is nothing to answer any more.
    `customer_id` is the charge's: Stripe's dispute names none.
    """

    charge_id = models.CharField(max_length=255, blank=True, db_index=True)
    # To join by, without a column or a constraint of its own: a dispute may be written before its charge.
    charge = models.ForeignObject(
        Charge, on_delete=models.DO_NOTHING, from_fields=["charge_id"], to_fields=["id"], related_name="+", null=True
    )
    payment_intent_id = models.CharField(max_length=255, blank=True, db_index=True)
    customer_id = models.CharField(max_length=255, blank=True, db_index=True)
    status = models.CharField(max_length=32)
    reason = models.CharField(max_length=64, blank=True)
    currency = models.CharField(max_length=3)
    amount = minor_units()
    evidence_due_at = models.DateTimeField(null=True)
    has_evidence = models.BooleanField(default=False)
    past_due = models.BooleanField(default=False)
    submission_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    search_text = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="paydesk_dispute_newest"),
            models.Index(fields=["status", "evidence_due_at"], name="paydesk_dispute_due"),
            models.Index(
                fields=["amount", "id"], condition=models.Q(deleted_at__isnull=True), name="paydesk_dispute_by_amount"
            ),
            models.Index(
                fields=["evidence_due_at", "id"],
                condition=models.Q(deleted_at__isnull=True),
                name="paydesk_dispute_by_deadline",
            ),
        ]
