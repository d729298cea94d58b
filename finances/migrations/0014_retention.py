"""How far earlier states were looked through; indexes of what the overview counts, made beside the work that goes on."""

import importlib

from django.db import migrations, models

AddIndex = importlib.import_module("finances.migrations.0006_webhook_log_indexes").AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('paydesk', '0013_daily_totals'),
    ]

    operations = [
        migrations.CreateModel(
            name='RetentionPlace',
            fields=[
                ('kind', models.CharField(max_length=16, primary_key=True, serialize=False)),
                ('place', models.BigIntegerField(default=0)),
            ],
        ),
        AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(('default_payment_method_id', ''), _negated=True), fields=['default_payment_method_id'], name='paydesk_customer_method'),
        ),
        AddIndex(
            model_name='invoice',
            index=models.Index(
                fields=['currency', 'due_at', 'attempt_count', 'amount_paid', 'amount_remaining', 'status', 'id'],
                condition=models.Q(status='open', deleted_at__isnull=True),
                name='paydesk_invoice_unpaid',
            ),
        ),
        AddIndex(
            model_name='paymentmethod',
            index=models.Index(fields=['expires_year', 'expires_month'], name='paydesk_method_expiry'),
        ),
        AddIndex(
            model_name='subscription',
            index=models.Index(condition=models.Q(('paying_until__isnull', False)), fields=['paying_until'], name='paydesk_subscription_ended'),
        ),
        AddIndex(
            model_name='subscription',
            index=models.Index(condition=models.Q(('cancel_at_period_end', True)), fields=['status'], name='paydesk_subscription_leaving'),
        ),
        AddIndex(
            model_name='subscription',
            index=models.Index(condition=models.Q(('default_payment_method_id', ''), _negated=True), fields=['default_payment_method_id'], name='paydesk_subscription_method'),
        ),
    ]
