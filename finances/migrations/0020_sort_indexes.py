"""Indexes that lists are sorted by. Each of them holds a column and the key: read from either end, it serves both
directions.

What they cost the one that writes: an entry for each new row and for each new state of an old one. Of invoices and
payments each new state touched all indexes already, for the status is in some. Of subscriptions a renewal did not, and
does now by the end of its period: once a month for each.
"""

import importlib

from django.db import migrations, models
from django.db.models.functions import Lower

AddIndex = importlib.import_module("finances.migrations.0006_webhook_log_indexes").AddIndex


def of(column, name):
    """In a list that leaves out what was deleted in Stripe."""
    return models.Index(fields=[column, "id"], condition=models.Q(deleted_at__isnull=True), name=name)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("paydesk", "0019_metadata_indexes")]
    operations = [
        AddIndex("customer", models.Index(Lower("name"), "id", name="paydesk_customer_by_name")),
        AddIndex("customer", models.Index(Lower("email"), "id", name="paydesk_customer_by_email")),
        AddIndex("subscription", models.Index(fields=["mrr", "id"], name="paydesk_subscription_by_mrr")),
        AddIndex("subscription", models.Index(fields=["current_period_end", "id"], name="paydesk_subscription_by_end")),
        AddIndex("invoice", of("total", "paydesk_invoice_by_total")),
        AddIndex("invoice", of("due_at", "paydesk_invoice_by_due")),
        AddIndex("payment", of("amount", "paydesk_payment_by_amount")),
        AddIndex("refund", of("amount", "paydesk_refund_by_amount")),
        AddIndex("dispute", of("amount", "paydesk_dispute_by_amount")),
        AddIndex("dispute", of("evidence_due_at", "paydesk_dispute_by_deadline")),
        AddIndex("creditnote", of("total", "paydesk_credit_note_by_total")),
    ]
