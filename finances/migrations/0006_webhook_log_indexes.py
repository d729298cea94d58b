"""Indexes of the webhook log, made beside the work that goes on: nothing waits while PostgreSQL builds them."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class AddIndex(AddIndexConcurrently):
    """On SQLite, which has one writer anyway, as usual."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        else:
            migrations.AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            migrations.AddIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("paydesk", "0005_webhook_log")]
    operations = [
        AddIndex(
            "delivery", models.Index(fields=["event_type", "-received_at", "-event_id"], name="paydesk_delivery_type")
        ),
        AddIndex("delivery", models.Index(fields=["processed_at"], name="paydesk_delivery_processed")),
        AddIndex(
            "delivery",
            models.Index(
                fields=["processed_at"],
                condition=models.Q(state__in=["processed", "ignored"], payload__isnull=False),
                name="paydesk_delivery_prunable",
            ),
        ),
        AddIndex(
            "delivery",
            models.Index(
                fields=["found_by", "-received_at"],
                condition=models.Q(found_by__isnull=False),
                name="paydesk_delivery_found",
            ),
        ),
        AddIndex(
            "delivery",
            models.Index(
                fields=["replay", "state"], condition=models.Q(replay__isnull=False), name="paydesk_delivery_replay"
            ),
        ),
    ]
