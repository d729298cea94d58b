"""Indexes that lists are counted and customers summed from, without a look at the rows, in the place of plainer ones.

Made beside the work that goes on. The new ones come first: no list is without one meanwhile.
"""

import importlib

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

AddIndex = importlib.import_module("finances.migrations.0006_webhook_log_indexes").AddIndex


class RemoveIndex(RemoveIndexConcurrently):
    """On SQLite, which has one writer anyway, as usual."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        else:
            migrations.RemoveIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            migrations.RemoveIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("paydesk", "0015_no_seal_is_replaced")]
    operations = [
        AddIndex(
            "invoice",
            models.Index(
                fields=["status", "-created_at", "-id"],
                include=["currency"],
                condition=models.Q(deleted_at__isnull=True),
                name="paydesk_invoice_by_status",
            ),
        ),
        AddIndex(
            "invoice",
            models.Index(
                fields=["currency", "-created_at", "-id"],
                include=["status"],
                condition=models.Q(deleted_at__isnull=True),
                name="paydesk_invoice_by_currency",
            ),
        ),
        AddIndex(
            "invoice",
            models.Index(
                fields=["-created_at", "-id"],
                include=["due_at", "attempt_count", "amount_paid", "currency", "amount_remaining"],
                condition=models.Q(status="open", deleted_at__isnull=True),
                name="paydesk_invoice_open",
            ),
        ),
        AddIndex(
            "invoice",
            models.Index(
                fields=["customer_id", "-created_at", "-id"],
                include=[
                    *("currency", "status", "amount_remaining", "amount_paid"),
                    *("due_at", "attempt_count", "next_attempt_at", "deleted_at"),
                ],
                name="paydesk_invoice_of_customer",
            ),
        ),
        AddIndex(
            "payment",
            models.Index(
                fields=["status", "-created_at", "-id"],
                include=["failure_code", "decline_code", "currency"],
                condition=models.Q(deleted_at__isnull=True),
                name="paydesk_payment_by_status",
            ),
        ),
        AddIndex(
            "payment",
            models.Index(
                fields=["currency", "-created_at", "-id"],
                include=["status", "failure_code", "decline_code"],
                condition=models.Q(deleted_at__isnull=True),
                name="paydesk_payment_by_currency",
            ),
        ),
        AddIndex("charge", models.Index(fields=["last4", "payment_intent_id"], name="paydesk_charge_last4")),
        AddIndex(
            "invoice",
            models.Index(
                fields=["billing_reason", "-created_at", "-id"],
                condition=models.Q(deleted_at__isnull=True),
                name="paydesk_invoice_by_reason",
            ),
        ),
        AddIndex("subscription", models.Index(fields=["customer_id", "status"], name="paydesk_subscription_whose")),
        AddIndex(
            "subscription",
            models.Index(
                fields=["currency", "-created_at", "-id"], include=["status"], name="paydesk_subscription_currency"
            ),
        ),
        AddIndex(
            "customer", models.Index(fields=["country", "-created_at", "-id"], name="paydesk_customer_country")
        ),
        AddIndex(
            "customer", models.Index(fields=["currency", "-created_at", "-id"], name="paydesk_customer_currency")
        ),
        AddIndex(
            "customer",
            models.Index(
                fields=["-created_at", "-id"], condition=models.Q(delinquent=True), name="paydesk_customer_delinquent"
            ),
        ),
        RemoveIndex("invoice", "paydesk_invoice_status"),
        RemoveIndex("invoice", "paydesk_invoice_currency"),
        RemoveIndex("invoice", "paydesk_invoice_customer"),
        RemoveIndex("payment", "paydesk_payment_status"),
        # Served by the wider one of a customer's invoices.
        migrations.AlterField("invoice", "customer_id", models.CharField(max_length=255)),
    ]
