"""Columns and counts that lists ask for, in the place of joins over whole tables.

A customer knows what their subscriptions come to, and a payment what became of its last charge: filled in here from the
rows, kept by the mirror from then on. A release that still runs meanwhile does not keep them; after it has ended,
`rebuild_read_model` puts right what it wrote. How much a product is subscribed to is counted by a worker, first after the
triggers that mark a product are up (`finances.totals.triggers`, after each `migrate`); until then it is read from the rows.

What the indexes cost the one that writes: one entry for each charge (`paydesk_charge_brand`: few values, so PostgreSQL
keeps them together), one for each that is refunded, disputed or failed, and two while a
payment is not paid, or one while an invoice is open. Two of charges that no query asked went, and
one of subscriptions holds the customer too.
"""

import importlib

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now, Upper

AddIndex = importlib.import_module("finances.migrations.0006_webhook_log_indexes").AddIndex
RemoveIndex = importlib.import_module("finances.migrations.0016_list_indexes").RemoveIndex
DropPatternIndexes = importlib.import_module("finances.migrations.0017_no_pattern_indexes").DropPatternIndexes
take_down_marks = importlib.import_module("finances.migrations.0013_daily_totals").take_down_marks

FILL = (
    """
    UPDATE paydesk_customer SET
        subscribing = CASE
            WHEN id IN (SELECT customer_id FROM paydesk_subscription WHERE status = 'active') THEN 'active'
            WHEN id IN (
                SELECT customer_id FROM paydesk_subscription WHERE status NOT IN ('canceled', 'incomplete_expired')
            ) THEN 'running'
            WHEN id IN (SELECT customer_id FROM paydesk_subscription WHERE status = 'canceled') THEN 'canceled'
            ELSE 'expired'
        END,
        paying_since = (
            SELECT min(s.paying_since) FROM paydesk_subscription s
            WHERE s.customer_id = paydesk_customer.id AND s.deleted_at IS NULL
                AND (s.paying_until IS NULL OR s.paying_until > s.paying_since)
        )
    WHERE id IN (SELECT customer_id FROM paydesk_subscription)
    """,
    """
    UPDATE paydesk_payment SET refunded = true
    WHERE latest_charge_id IN (SELECT id FROM paydesk_charge WHERE amount_refunded > 0)
    """,
    """
    UPDATE paydesk_payment SET disputed = true
    WHERE latest_charge_id IN (SELECT id FROM paydesk_charge WHERE disputed)
    """,
)


UNPAID = ("requires_payment_method", "requires_action", "requires_confirmation")


def fill(apps, schema_editor):
    for statement in FILL:
        schema_editor.execute(statement)


def of_succeeded(what):
    return models.Index(
        fields=["-created_at", "-id"],
        include=["currency"],
        condition=models.Q(status="succeeded", deleted_at__isnull=True, **{what: True}),
        name=f"paydesk_payment_{what}",
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("paydesk", "0020_sort_indexes")]
    operations = [
        migrations.AddField(
            "customer",
            "subscribing",
            models.CharField(
                max_length=16,
                choices=[
                    ("active", "Active"),
                    ("running", "Running"),
                    ("canceled", "Canceled"),
                    ("expired", "Expired"),
                    ("none", "None"),
                ],
                default="none",
                db_default="none",
            ),
        ),
        migrations.AddField("customer", "paying_since", models.DateTimeField(null=True)),
        migrations.AddField("payment", "refunded", models.BooleanField(default=False, db_default=False)),
        migrations.AddField("payment", "disputed", models.BooleanField(default=False, db_default=False)),
        # To join by: there is no column of them.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(
                    "subscriptionitem",
                    "subscription",
                    models.ForeignObject(
                        "paydesk.subscription",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        from_fields=["subscription_id"],
                        to_fields=["id"],
                        related_name="+",
                    ),
                ),
                migrations.AddField(
                    "dispute",
                    "charge",
                    models.ForeignObject(
                        "paydesk.charge",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        from_fields=["charge_id"],
                        to_fields=["id"],
                        related_name="+",
                    ),
                ),
            ]
        ),
        migrations.CreateModel(
            name="ProductUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("product_id", models.CharField(max_length=255)),
                ("price_id", models.CharField(blank=True, max_length=255)),
                ("subscriptions", models.PositiveIntegerField(default=0)),
                ("subscribers", models.PositiveIntegerField(default=0)),
                ("trials", models.PositiveIntegerField(default=0)),
                ("uncounted", models.PositiveIntegerField(default=0)),
                ("mrr", models.JSONField(default=list)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("product_id", "price_id"), name="paydesk_product_use_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="DirtyProduct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("product_id", models.CharField(max_length=255)),
                ("marked_at", models.DateTimeField(db_default=Now())),
            ],
            options={"indexes": [models.Index(fields=["product_id"], name="paydesk_dirty_product")]},
        ),
        migrations.RunPython(migrations.RunPython.noop, take_down_marks),
        migrations.RunPython(fill, migrations.RunPython.noop),
        # Tabs of customers: active, canceled, none.
        AddIndex(
            "customer", models.Index(fields=["subscribing", "-created_at", "-id"], name="paydesk_customer_subscribing")
        ),
        # Customers by `new`.
        AddIndex(
            "customer",
            models.Index(
                fields=["paying_since"], condition=models.Q(paying_since__isnull=False), name="paydesk_customer_since"
            ),
        ),
        # Tabs of payments: refunded, disputed.
        AddIndex("payment", of_succeeded("refunded")),
        AddIndex("payment", of_succeeded("disputed")),
        # Tabs of payments: failed, incomplete; the oldest first, and by amount.
        AddIndex(
            "payment",
            models.Index(
                fields=["-created_at", "-id"],
                include=["status", "failure_code", "decline_code", "currency"],
                condition=models.Q(status__in=UNPAID, deleted_at__isnull=True),
                name="paydesk_payment_unpaid",
            ),
        ),
        AddIndex(
            "payment",
            models.Index(
                fields=["amount", "id"],
                condition=models.Q(status__in=UNPAID, deleted_at__isnull=True),
                name="paydesk_payment_unpaid_amount",
            ),
        ),
        # Tabs of invoices, sorted by total: open, past due.
        AddIndex(
            "invoice",
            models.Index(
                fields=["total", "id"],
                condition=models.Q(status="open", deleted_at__isnull=True),
                name="paydesk_invoice_open_total",
            ),
        ),
        # Payments by `reason` and by `brand` of an attempt.
        AddIndex(
            "charge",
            models.Index(
                fields=["decline_code", "failure_code"],
                condition=models.Q(status="failed"),
                name="paydesk_charge_declined",
            ),
        ),
        AddIndex("charge", models.Index(Upper("brand"), name="paydesk_charge_brand")),
        # Tabs of customers: past due, trial, unpaid.
        AddIndex(
            "subscription",
            models.Index(
                fields=["status", "-created_at", "-id"], include=["customer_id"], name="paydesk_subscription_by_status"
            ),
        ),
        RemoveIndex("subscription", "paydesk_subscription_status"),
        RemoveIndex("charge", "paydesk_charge_refunded"),
        RemoveIndex("charge", "paydesk_charge_disputed"),
        DropPatternIndexes(),
    ]
