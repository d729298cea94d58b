"""Trigram indexes under the search columns of payments, refunds, disputes and credit notes, on PostgreSQL only."""

from django.db import migrations

TABLES = ("payment", "charge", "refund", "dispute", "creditnote")


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in TABLES:
            schema_editor.execute(
                f"CREATE INDEX paydesk_{table}_search ON paydesk_{table} USING gin (search_text gin_trgm_ops)"
            )


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in TABLES:
            schema_editor.execute(f"DROP INDEX paydesk_{table}_search")


class Migration(migrations.Migration):
    dependencies = [("paydesk", "0003_every_object")]
    operations = [migrations.RunPython(forwards, backwards, elidable=False)]
