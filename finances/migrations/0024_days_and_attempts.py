"""Payments by their number of attempts, invoices by the moment when they were paid, in which they are sorted too, and
subscriptions by the days on which a trial ends or on which they were canceled.

A payment's attempts are filled in here from its charges, and kept by the mirror from then on; what a release that still
runs meanwhile writes, `rebuild_read_model` puts right after it has ended.

What it costs the one that writes: an entry for a payment that took more than one attempt; of invoices one for those that
are not paid too, as a list sorted by it ends with them; of subscriptions one for each that has such a day.
"""

import importlib

from django.db import migrations, models

AddIndex = importlib.import_module("finances.migrations.0006_webhook_log_indexes").AddIndex
RemoveIndex = importlib.import_module("finances.migrations.0016_list_indexes").RemoveIndex

FILL = """
    UPDATE paydesk_payment SET attempts = (
        SELECT count(*) FROM paydesk_charge WHERE payment_intent_id = paydesk_payment.id
    )
    WHERE id IN (SELECT payment_intent_id FROM paydesk_charge)
"""


def of(column, name):
    """The few that have one."""
    return models.Index(fields=[column], condition=models.Q((f"{column}__isnull", False)), name=name)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("paydesk", "0023_keys_of_states")]
    operations = [
        migrations.AddField("payment", "attempts", models.PositiveIntegerField(default=0, db_default=0)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        AddIndex(
            "payment",
            models.Index(
                fields=["-created_at", "-id"],
                condition=models.Q(attempts__gte=2, deleted_at__isnull=True),
                name="paydesk_payment_retried",
            ),
        ),
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
