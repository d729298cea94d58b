"""Totals by day, and the marks of days that have to be summed anew.

The triggers that make the marks are put up after each `migrate` (`finances.totals.triggers`), and a worker then sums every
day once; until it has, numbers are read from the rows, as before.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


def take_down_marks(apps, schema_editor):
    """Or every write would fail: they name a table that goes. On SQLite they are down before any migration."""
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(
        "DO $$ DECLARE marks regprocedure; BEGIN FOR marks IN SELECT oid::regprocedure FROM pg_proc "
        "WHERE pronamespace = current_schema()::regnamespace AND starts_with(proname, 'paydesk_marks_') "
        "LOOP EXECUTE 'DROP FUNCTION ' || marks || ' CASCADE'; END LOOP; END $$",
        params=None,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("paydesk", "0012_exports"),
    ]

    operations = [
        migrations.CreateModel(
            name="TotalsZone",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="DailyAttempts",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.CharField(blank=True, max_length=255)),
                ("day", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("status", models.CharField(max_length=16)),
                ("reason", models.CharField(blank=True, max_length=64)),
                ("count", models.PositiveIntegerField()),
                ("amount", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "account_id", "currency", "status", "reason"), name="paydesk_daily_attempts_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyProductRevenue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.CharField(blank=True, max_length=255)),
                ("day", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("product_id", models.CharField(max_length=255)),
                ("count", models.PositiveIntegerField()),
                ("amount", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "account_id", "currency", "product_id"),
                        name="paydesk_daily_product_revenue_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyRecurring",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.CharField(blank=True, max_length=255)),
                ("day", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("ended", models.BooleanField()),
                ("count", models.PositiveIntegerField()),
                ("valued", models.PositiveIntegerField()),
                ("amount", models.DecimalField(decimal_places=6, max_digits=28)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "account_id", "currency", "ended"), name="paydesk_daily_recurring_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyRefunds",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.CharField(blank=True, max_length=255)),
                ("day", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("count", models.PositiveIntegerField()),
                ("amount", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("day", "account_id", "currency"), name="paydesk_daily_refunds_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyRevenue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.CharField(blank=True, max_length=255)),
                ("day", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("count", models.PositiveIntegerField()),
                ("amount", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("day", "account_id", "currency"), name="paydesk_daily_revenue_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="DailySubscribers",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.CharField(blank=True, max_length=255)),
                ("day", models.DateField()),
                ("new", models.PositiveIntegerField(default=0)),
                ("returned", models.PositiveIntegerField(default=0)),
                ("lost", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("day", "account_id"), name="paydesk_daily_subscribers_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="DirtyDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("revenue", "Revenue"),
                            ("refunds", "Refunds"),
                            ("attempts", "Attempts"),
                            ("subscriptions", "Subscriptions"),
                        ],
                        max_length=16,
                    ),
                ),
                ("day", models.DateField()),
                ("marked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "day"], name="paydesk_dirty_day")],
            },
        ),
        # To join by; it has no column.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(
                    model_name="invoiceline",
                    name="invoice",
                    field=models.ForeignObject(
                        from_fields=["invoice_id"],
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="paydesk.invoice",
                        to_fields=["id"],
                    ),
                )
            ]
        ),
        migrations.RunPython(migrations.RunPython.noop, take_down_marks),
    ]
