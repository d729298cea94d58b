"""On SQLite INSERT OR REPLACE takes away a row by any of its unique columns: a seal also by the one it follows."""

from django.db import migrations

TABLE = "paydesk_auditseal"
NAME = f"{TABLE}_no_replace"
ABORT = f"SELECT RAISE(ABORT, 'UPDATE of {TABLE} is refused: the audit trail is append-only')"


def _put_up(schema_editor, same):
    if schema_editor.connection.vendor != "sqlite":
        return
    exists = f"EXISTS (SELECT 1 FROM {TABLE} WHERE {same})"  # nosec B608  # constants
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME}")
    schema_editor.execute(f"CREATE TRIGGER {NAME} BEFORE INSERT ON {TABLE} WHEN {exists} BEGIN {ABORT}; END")


def by_any_key(apps, schema_editor):
    _put_up(schema_editor, "number = NEW.number OR previous = NEW.previous")


def by_number(apps, schema_editor):
    _put_up(schema_editor, "number = NEW.number")


class Migration(migrations.Migration):
    dependencies = [("paydesk", "0014_retention")]
    operations = [migrations.RunPython(by_any_key, by_number)]
