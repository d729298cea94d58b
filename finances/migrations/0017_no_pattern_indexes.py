"""Django gives each indexed text column of PostgreSQL a second index for LIKE 'abc%', which no query of ours asks:
searches go to `search_text`. Half of what writing a row cost was spent on them.

A later migration that makes such a column has to use `DropPatternIndexes` too; a test of the indexes says so.
"""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class DropPatternIndexes(Operation):
    """Of all of our tables, beside the work that goes on. Taken back it does nothing: no release needs them."""

    reversible = True
    reduces_to_sql = False

    def state_forwards(self, app_label, state):
        pass

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        connection = schema_editor.connection
        if connection.vendor != "postgresql":
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()"
                " AND tablename LIKE 'paydesk\\_%%' AND indexdef LIKE '%%\\_pattern\\_ops)'"
            )
            names = [row[0] for row in cursor.fetchall()]
        for name in names:
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {connection.ops.quote_name(name)}")

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        pass

    def describe(self):
        return "Drop the pattern indexes of Paydesk's tables"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("paydesk", "0016_list_indexes")]
    operations = [DropPatternIndexes()]
