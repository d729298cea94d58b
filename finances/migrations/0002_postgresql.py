"""What only PostgreSQL has: the sequence of tickets, and trigram indexes under the search columns."""

from django.db import migrations


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute("CREATE SEQUENCE paydesk_ticket_sequence")
    schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    for table in ("customer", "subscription", "invoice"):
        schema_editor.execute(
            f"CREATE INDEX paydesk_{table}_search ON paydesk_{table} USING gin (search_text gin_trgm_ops)"
        )


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for table in ("customer", "subscription", "invoice"):
        schema_editor.execute(f"DROP INDEX paydesk_{table}_search")
    schema_editor.execute("DROP SEQUENCE paydesk_ticket_sequence")


class Migration(migrations.Migration):
    dependencies = [("paydesk", "0001_first_tables")]
    operations = [migrations.RunPython(forwards, backwards, elidable=False)]
