"""Indexes that no query needs go, and four come that lists ask for.

Of those that go, five are the beginning of a wider one, which serves the same queries: a subscription's customer, a
part's run, a replayed delivery's replay, an alert's incident, an export's account. A finding's run gives way to an index
with the kind and the order of a run's page. No query asks for the others: who requested a run, a replay or a comparison
(accounts are made inactive, not deleted), the run of a listed month, a customer's e-mail as it is written (searches go
to `search_text`), and when a worker said that it is alive, a table of a few rows that is written every few seconds.

What comes costs one entry for each finding more than the one that goes, one for each run, and two for each promotion
code.
"""

import importlib

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Upper

AddIndex = importlib.import_module("finances.migrations.0006_webhook_log_indexes").AddIndex
RemoveIndex = importlib.import_module("finances.migrations.0016_list_indexes").RemoveIndex


class DropOwnIndex(migrations.AlterField):
    """Of a column, and nothing else. Django would make a foreign key anew, which looks through the table, and on SQLite
    the whole table, which loses its triggers."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        model = from_state.apps.get_model(app_label, self.model_name)
        column = model._meta.get_field(self.name).column
        beside = "CONCURRENTLY " if schema_editor.connection.vendor == "postgresql" else ""
        named = {index.name for index in model._meta.indexes}
        for name in schema_editor._constraint_names(model, [column], index=True, unique=False, exclude=named):
            schema_editor.execute(f"DROP INDEX {beside}IF EXISTS {schema_editor.connection.ops.quote_name(name)}")

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        model = to_state.apps.get_model(app_label, self.model_name)
        schema_editor.execute(schema_editor._create_index_sql(model, fields=[model._meta.get_field(self.name)]))


def of_account(**more):
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=django.db.models.deletion.SET_NULL,
        db_index=False,
        **({"related_name": "+"} | more),
    )


def part_of(model, name):
    return models.ForeignKey(
        model, on_delete=django.db.models.deletion.CASCADE, related_name=name, db_index=False
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("paydesk", "0025_names_of_the_catalogue")]
    operations = [
        AddIndex(
            "resyncfinding",
            models.Index(fields=["run", "kind", "-found_at", "-id"], name="paydesk_finding_of_run"),
        ),
        AddIndex(
            "resyncfinding",
            models.Index(
                fields=["-found_at", "-id"], condition=models.Q(kind="changed"), name="paydesk_finding_changed"
            ),
        ),
        AddIndex("resyncrun", models.Index(fields=["target", "-created_at", "-id"], name="paydesk_run_of_target")),
        AddIndex("promotioncode", models.Index(fields=["-created_at", "-id"], name="paydesk_promo_code_newest")),
        AddIndex("promotioncode", models.Index(Upper("code"), name="paydesk_promo_code_typed")),
        DropOwnIndex("subscription", "customer_id", models.CharField(max_length=255)),
        DropOwnIndex("resyncpart", "run", part_of("paydesk.resyncrun", "parts")),
        DropOwnIndex("resyncfinding", "run", part_of("paydesk.resyncrun", "findings")),
        DropOwnIndex("replayeddelivery", "replay", part_of("paydesk.replay", "results")),
        DropOwnIndex("alert", "incident", part_of("paydesk.incident", "alerts")),
        DropOwnIndex("export", "requested_by", part_of(settings.AUTH_USER_MODEL, "+")),
        DropOwnIndex("resyncrun", "requested_by", of_account(related_name="resync_runs")),
        DropOwnIndex("replay", "requested_by", of_account()),
        DropOwnIndex("catchup", "requested_by", of_account()),
        DropOwnIndex(
            "listedmonth",
            "run",
            models.ForeignKey(
                "paydesk.resyncrun",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                db_index=False,
            ),
        ),
        DropOwnIndex("workerheartbeat", "seen_at", models.DateTimeField()),
        RemoveIndex("customer", "paydesk_customer_email"),
    ]
