"""Since when an object may say nothing of its customer any more."""

import importlib

from django.db import migrations, models

AddIndex = importlib.import_module("finances.migrations.0006_webhook_log_indexes").AddIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("paydesk", "0021_what_lists_ask_for")]
    operations = [
        migrations.AddField("objectstate", "erased_at", models.DateTimeField(null=True)),
        AddIndex(
            "objectstate",
            models.Index(
                fields=["object_id"],
                condition=models.Q(erased_at__isnull=False),
                name="paydesk_state_erased",
            ),
        ),
    ]
