"""So that `metadata["key"]:value` finds its few objects among a million: indexes of dj-stripe's own columns, on
PostgreSQL alone. Most objects have no metadata; the indexes leave them out, so that writing one costs nothing here.
"""

from django.db import migrations
from django.db.migrations.operations.base import Operation

TABLES = ("customer", "subscription", "invoice", "paymentintent", "refund", "dispute")


class MetadataIndexes(Operation):
    """Made beside the work that goes on. Where one could not be finished, it is made anew."""

    reversible = True
    reduces_to_sql = False

    def state_forwards(self, app_label, state):
        pass

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            return
        self.database_backwards(app_label, schema_editor, from_state, to_state)
        for table in TABLES:
            schema_editor.execute(
                f"CREATE INDEX CONCURRENTLY paydesk_{table}_metadata ON djstripe_{table}"
                " USING gin (metadata jsonb_path_ops) WHERE metadata <> '{}'::jsonb"
            )

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            return
        for table in TABLES:
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS paydesk_{table}_metadata")

    def describe(self):
        return "Index the metadata of dj-stripe's objects"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("paydesk", "0018_parts_beside"), ("djstripe", "__first__")]
    operations = [MetadataIndexes()]
