"""Cards by their last four digits: whose they are is asked with someone on the line. An entry for each method."""

import importlib

from django.db import migrations, models

AddIndex = importlib.import_module("finances.migrations.0006_webhook_log_indexes").AddIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("paydesk", "0026_only_what_is_asked_for")]
    operations = [
        AddIndex(
            "paymentmethod",
            models.Index(fields=["last4"], condition=~models.Q(last4=""), name="paydesk_method_last4"),
        )
    ]
