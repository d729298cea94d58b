"""Rows of `ObjectState` move to a newer ticket with each look at an object: no index of theirs should have to follow, and
each page of the table keeps room for the next state of its rows."""

from django.db import migrations, models


def leave_room(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE paydesk_objectstate SET (fillfactor = 70)")


def leave_none(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE paydesk_objectstate RESET (fillfactor)")


class Migration(migrations.Migration):
    dependencies = [("paydesk", "0009_creation_of_objects")]
    operations = [
        migrations.RemoveIndex(model_name="objectstate", name="paydesk_state_freshness"),
        migrations.AddField(
            model_name="objectstate",
            name="unlinked",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.RunPython(leave_room, leave_none),
    ]
