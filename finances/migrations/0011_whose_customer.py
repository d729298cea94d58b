"""Whose customer: the application's own user beside it, and the e-mails that it had before.

Both are taken from the versions that we hold, in batches, each a transaction of its own. It can be run again where it
ended early: rows that are there are passed over.
"""

import importlib
from collections import defaultdict

from django.conf import settings
from django.db import migrations, models

from finances.folding import folded

AddIndex = importlib.import_module("finances.migrations.0006_webhook_log_indexes").AddIndex
BATCH = 500


def look_back(apps, schema_editor):
    customers = apps.get_model("paydesk", "Customer").objects
    last = ""
    while True:
        ids = list(customers.filter(id__gt=last).order_by("id").values_list("id", flat=True)[:BATCH])
        if not ids:
            return
        _look_back_at(apps, ids)
        last = ids[-1]


def _look_back_at(apps, ids):
    customers, versions, former_emails = (
        apps.get_model("paydesk", name).objects for name in ("Customer", "ObjectVersion", "FormerEmail")
    )
    states = defaultdict(list)
    kept = versions.filter(object_id__in=ids).order_by("object_id", "ticket")
    for object_id, seen_at, stripe_data in kept.values_list("object_id", "seen_at", "stripe_data"):
        if isinstance(stripe_data, dict) and stripe_data.get("deleted") is not True:
            states[object_id].append((seen_at, stripe_data))
    until = {}
    for customer_id, seen in states.items():
        for (_, before), (seen_at, after) in zip(seen, seen[1:], strict=False):
            if (email := _email(before)) and email != _email(after):
                until[email, customer_id] = seen_at
        metadata = seen[-1][1].get("metadata")
        subscriber = metadata.get(settings.DJSTRIPE_SUBSCRIBER_CUSTOMER_KEY) if isinstance(metadata, dict) else None
        if isinstance(subscriber, str) and subscriber:
            customers.filter(id=customer_id).update(subscriber_id=subscriber[:255])
    model = apps.get_model("paydesk", "FormerEmail")
    former_emails.bulk_create(
        [model(email=email, customer_id=customer_id, until=at) for (email, customer_id), at in sorted(until.items())],
        ignore_conflicts=True,
    )


def _email(customer):
    email = customer.get("email")
    return folded(email)[:512] if isinstance(email, str) else ""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("paydesk", "0010_object_state_links")]
    operations = [
        migrations.CreateModel(
            name="FormerEmail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer_id", models.CharField(max_length=255)),
                ("email", models.CharField(max_length=512)),
                ("until", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["customer_id"], name="paydesk_former_email_customer")],
                "constraints": [
                    models.UniqueConstraint(fields=("email", "customer_id"), name="paydesk_former_email_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="customer",
            name="subscriber_id",
            field=models.CharField(blank=True, db_default="", default="", max_length=255),
        ),
        migrations.RunPython(look_back, migrations.RunPython.noop, atomic=False),
        AddIndex(
            "customer",
            models.Index(
                fields=["subscriber_id"],
                condition=models.Q(("subscriber_id", ""), _negated=True),
                name="paydesk_customer_subscriber",
            ),
        ),
    ]
