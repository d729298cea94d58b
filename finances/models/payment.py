from django.db import models
from django.db.models.functions import Upper

from finances.models.mirrored import MirroredRow, minor_units

UNPAID = ("requires_payment_method", "requires_action", "requires_confirmation")


class Payment(MirroredRow):
    """Stripe's payment intent: what a customer was to pay, over however many attempts. Minor units of `currency`.

    `failure_code`, `decline_code`: of the last attempt that failed, kept by Stripe until the next one.
    `attempts`: how many charges it has, which the mirror counts.
    `refunded`, in part or in full, and `disputed`: of the last charge, whose row says so: `finances.mirror.neighbours`.
    """

    customer_id = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=32)
    currency = models.CharField(max_length=3)
    amount = minor_units()
    amount_received = minor_units()
    payment_method_id = models.CharField(max_length=255, blank=True)
    latest_charge_id = models.CharField(max_length=255, blank=True)
    failure_code = models.CharField(max_length=64, blank=True)
    decline_code = models.CharField(max_length=64, blank=True)
    refunded = models.BooleanField(default=False, db_default=False)
    disputed = models.BooleanField(default=False, db_default=False)
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField()
    canceled_at = models.DateTimeField(null=True)
    search_text = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="paydesk_payment_newest"),
            # With what tells a failed one from one that was never tried.
            models.Index(
                fields=["status", "-created_at", "-id"],
                include=["failure_code", "decline_code", "currency"],
                condition=models.Q(deleted_at__isnull=True),
                name="paydesk_payment_by_status",
            ),
            models.Index(
                fields=["currency", "-created_at", "-id"],
                include=["status", "failure_code", "decline_code"],
                condition=models.Q(deleted_at__isnull=True),
                name="paydesk_payment_by_currency",
            ),
            models.Index(fields=["customer_id", "-created_at", "-id"], name="paydesk_payment_customer"),
            models.Index(
                fields=["amount", "id"], condition=models.Q(deleted_at__isnull=True), name="paydesk_payment_by_amount"
            ),
            # Tabs of the list, which hold the few that are so: failed and incomplete, by age and by amount.
            models.Index(
                fields=["-created_at", "-id"],
                include=["status", "failure_code", "decline_code", "currency"],
                condition=models.Q(status__in=UNPAID, deleted_at__isnull=True),
                name="paydesk_payment_unpaid",
            ),
            models.Index(
                fields=["amount", "id"],
                condition=models.Q(status__in=UNPAID, deleted_at__isnull=True),
                name="paydesk_payment_unpaid_amount",
            ),
            models.Index(
                fields=["-created_at", "-id"],
                condition=models.Q(attempts__gte=2, deleted_at__isnull=True),
                name="paydesk_payment_retried",
            ),
            # Refunded, disputed.
            models.Index(
                fields=["-created_at", "-id"],
                include=["currency"],
                condition=models.Q(refunded=True, status="succeeded", deleted_at__isnull=True),
                name="paydesk_payment_refunded",
            ),
            models.Index(
                fields=["-created_at", "-id"],
                include=["currency"],
                condition=models.Q(disputed=True, status="succeeded", deleted_at__isnull=True),
                name="paydesk_payment_disputed",
            ),
        ]


class Charge(MirroredRow):
    """One attempt to take money: Stripe's charge. Minor units of `currency`.

    `decline_code`: why the bank or Radar refused. `outcome_type`: authorized, issuer_declined, blocked, ...
    Brand, last4 and expiry are those of the card at the time of the attempt.
    """

    customer_id = models.CharField(max_length=255, blank=True, db_index=True)
    payment_intent_id = models.CharField(max_length=255, blank=True, db_index=True)
    status = models.CharField(max_length=16)
    currency = models.CharField(max_length=3)
    amount = minor_units()
    amount_captured = minor_units()
    amount_refunded = minor_units()
    refunded = models.BooleanField(default=False)
    disputed = models.BooleanField(default=False)
    failure_code = models.CharField(max_length=64, blank=True)
    decline_code = models.CharField(max_length=64, blank=True)
    outcome_type = models.CharField(max_length=32, blank=True)
    risk_level = models.CharField(max_length=16, blank=True)
    payment_method_id = models.CharField(max_length=255, blank=True)
    method_type = models.CharField(max_length=32, blank=True)
    brand = models.CharField(max_length=64, blank=True)
    last4 = models.CharField(max_length=4, blank=True)
    expires_month = models.PositiveSmallIntegerField(null=True)
    expires_year = models.PositiveSmallIntegerField(null=True)
    balance_transaction_id = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField()
    search_text = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="paydesk_charge_newest"),
            models.Index(fields=["last4", "payment_intent_id"], name="paydesk_charge_last4"),
            models.Index(
                fields=["-created_at", "currency", "decline_code"],
                condition=models.Q(status="failed"),
                name="paydesk_charge_failed",
            ),
            # Attempts by why they failed, and by brand: a list of payments begins at them where they are few.
            models.Index(
                fields=["decline_code", "failure_code"],
                condition=models.Q(status="failed"),
                name="paydesk_charge_declined",
            ),
            models.Index(Upper("brand"), name="paydesk_charge_brand"),
        ]


class InvoicePayment(MirroredRow):
    """What links an invoice with what paid it, or is to: an intent, or a charge. Minor units of `currency`."""

    invoice_id = models.CharField(max_length=255, db_index=True)
    payment_intent_id = models.CharField(max_length=255, blank=True, db_index=True)
    charge_id = models.CharField(max_length=255, blank=True)
    payment_type = models.CharField(max_length=32, blank=True)
    status = models.CharField(max_length=16)
    currency = models.CharField(max_length=3)
    amount_requested = minor_units()
    amount_paid = minor_units()
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    canceled_at = models.DateTimeField(null=True)
