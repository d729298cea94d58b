"""Invoices by the moment when they were paid, in which they are sorted too, and subscriptions by the days on which a
trial ends or on which they were canceled.

What it costs the one that writes: of invoices an entry for those that are not paid too, as a list sorted by it ends with
them. Of subscriptions an entry for each that has such a day.
"""

import importlib

from django.db import migrations, models

AddIndex = importlib.import_module("finances.migrations.0006_webhook_log_indexes").AddIndex
RemoveIndex = importlib.import_module("finances.migrations.0016_list_indexes").RemoveIndex


def of(column, name):
    """The few that have one."""
    return models.Index(fields=[column], condition=models.Q((f"{column}__isnull", False)), name=name)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("paydesk", "0023_keys_of_states")]
    operations = [
        AddIndex(
            "invoice",
            models.Index(
                fields=["paid_at", "id"],
                include=["currency", "amount_paid"],
                name="paydesk_invoice_by_paid",
            ),
        ),
        RemoveIndex("invoice", "paydesk_invoice_paid"),
        AddIndex("subscription", of("trial_ends_at", "paydesk_subscription_trial_end")),
        AddIndex("subscription", of("canceled_at", "paydesk_subscription_canceled")),
    ]
