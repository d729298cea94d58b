from datetime import datetime

from django.db import models
from django.db.models.functions import Coalesce

from finances.models.mirrored import MirroredRow, minor_units


class Invoice(MirroredRow):
    """Stripe's invoice; amounts in minor units of `currency`. Past due is derived, not a status.

    `tax`: all of it, added or included. `discount`: what was taken off, positive.
    """

    number = models.CharField(max_length=255, blank=True)
    customer_id = models.CharField(max_length=255)
    subscription_id = models.CharField(max_length=255, blank=True, db_index=True)
    status = models.CharField(max_length=16)
    currency = models.CharField(max_length=3)
    total = minor_units()
    tax = minor_units(db_default=0)
    discount = minor_units(db_default=0)
    amount_due = minor_units()
    amount_paid = minor_units()
    amount_remaining = minor_units()
    collection_method = models.CharField(max_length=32, blank=True)
    billing_reason = models.CharField(max_length=64, blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    finalized_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    attempt_count = models.PositiveIntegerField(default=0)
    search_text = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="paydesk_invoice_newest"),
            # Counted without a look at the rows: the tabs of a list ask how many there are of each status.
            models.Index(
                fields=["status", "-created_at", "-id"],
                include=["currency"],
                condition=models.Q(deleted_at__isnull=True),
                name="paydesk_invoice_by_status",
            ),
            models.Index(
                fields=["currency", "-created_at", "-id"],
                include=["status"],
                condition=models.Q(deleted_at__isnull=True),
                name="paydesk_invoice_by_currency",
            ),
            models.Index(
                fields=["billing_reason", "-created_at", "-id"],
                condition=models.Q(deleted_at__isnull=True),
                name="paydesk_invoice_by_reason",
            ),
            # With all that says whether it is past due.
            models.Index(
                fields=["-created_at", "-id"],
                include=["due_at", "attempt_count", "amount_paid", "currency", "amount_remaining"],
                condition=models.Q(status="open", deleted_at__isnull=True),
                name="paydesk_invoice_open",
            ),
            # With all that a customer's sums take: some have ten thousand.
            models.Index(
                fields=["customer_id", "-created_at", "-id"],
                include=[
                    *("currency", "status", "amount_remaining", "amount_paid"),
                    *("due_at", "attempt_count", "next_attempt_at", "deleted_at"),
                ],
                name="paydesk_invoice_of_customer",
            ),
            models.Index(
                fields=["paid_at", "id"],
                include=["currency", "amount_paid"],
                name="paydesk_invoice_by_paid",
            ),
            # What is past due is counted and summed over all that are open, from this alone.
            models.Index(
                fields=["currency", "due_at", "attempt_count", "amount_paid", "amount_remaining", "status", "id"],
                condition=models.Q(status="open", deleted_at__isnull=True),
                name="paydesk_invoice_unpaid",
            ),
            models.Index(
                fields=["total", "id"], condition=models.Q(deleted_at__isnull=True), name="paydesk_invoice_by_total"
            ),
            # Open and past due ones by their total.
            models.Index(
                fields=["total", "id"],
                condition=models.Q(status="open", deleted_at__isnull=True),
                name="paydesk_invoice_open_total",
            ),
            models.Index(
                fields=["due_at", "id"], condition=models.Q(deleted_at__isnull=True), name="paydesk_invoice_by_due"
            ),
        ]

    @property
    def due_since(self) -> datetime:
        """From when on its days count: the due date; without one, as of what is charged automatically, when it was
        finalised."""
        return self.due_at or self.finalized_at or self.created_at


DUE_SINCE = Coalesce("due_at", "finalized_at", "created_at")
"""`Invoice.due_since` in a query."""


class InvoiceLine(MirroredRow):
    """One line of an invoice, those beyond the ten that Stripe's answer carries too. Minor units of `currency`.

    `amount`: before discounts and added tax. `discount`: taken off, positive. `position`: from 0, as Stripe lists them.
    `unit_amount`: with fractions, null for tiers. `quantity`: null where Stripe names none.
    """

    invoice_id = models.CharField(max_length=255, db_index=True)
    # To join by, without a column or a constraint of its own: a line may be written before its invoice.
    invoice = models.ForeignObject(
        Invoice, on_delete=models.DO_NOTHING, from_fields=["invoice_id"], to_fields=["id"], related_name="+"
    )
    position = models.PositiveIntegerField()
    description = models.TextField(blank=True)
    currency = models.CharField(max_length=3)
    amount = minor_units()
    discount = minor_units()
    tax = minor_units()
    quantity = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    unit_amount = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    proration = models.BooleanField(default=False)
    price_id = models.CharField(max_length=255, blank=True)
    product_id = models.CharField(max_length=255, blank=True)
    subscription_id = models.CharField(max_length=255, blank=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
