"""The audit trail: a side row for what is personal, seals, and triggers that refuse to change what was written.

On SQLite a later migration that alters one of these tables makes it anew, without its triggers: repeat `put_up` there.
`manage.py verify_audit` and `manage.py doctor` say when one is missing.
"""

import hashlib
import json
import secrets

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Which statements are refused. What is personal can be erased: deleted, never changed.
KEPT = {
    "paydesk_auditentry": ("UPDATE", "DELETE", "TRUNCATE"),
    "paydesk_auditseal": ("UPDATE", "DELETE", "TRUNCATE"),
    "paydesk_sealedentry": ("UPDATE", "DELETE", "TRUNCATE"),
    "paydesk_auditpersonal": ("UPDATE",),
}
KEYS = {"paydesk_auditseal": "number", "paydesk_sealedentry": "entry_id", "paydesk_auditpersonal": "entry_id"}


def put_up(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION paydesk_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION '% of % is refused: the audit trail is append-only', TG_OP, TG_TABLE_NAME "
            "USING ERRCODE = 'restrict_violation'; END $$",
            params=None,  # or each % would be a place for one
        )
    for table, refused in KEPT.items():
        for statement in refused:
            for sql in _trigger(schema_editor.connection.vendor, table, statement):
                schema_editor.execute(sql)


def take_down(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for table, refused in KEPT.items():
        on = f" ON {table}" if vendor == "postgresql" else ""
        for statement in refused:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {_name(table, statement)}{on}")
        if vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {_name(table, 'replace')}")
    if vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION paydesk_refuse()")


def _name(table, statement):
    return f"{table}_no_{statement.lower()}"


def _trigger(vendor, table, statement):
    name = _name(table, statement)
    if vendor == "postgresql":
        each = "STATEMENT" if statement == "TRUNCATE" else "ROW"
        yield f"CREATE TRIGGER {name} BEFORE {statement} ON {table} FOR EACH {each} EXECUTE FUNCTION paydesk_refuse()"
        # Or a session that plays a replica would not be asked.
        yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
        return
    abort = f"SELECT RAISE(ABORT, '{statement} of {table} is refused: the audit trail is append-only')"
    if statement != "TRUNCATE":  # which SQLite does not have
        yield f"CREATE TRIGGER {name} BEFORE {statement} ON {table} BEGIN {abort}; END"
    if statement == "UPDATE":
        # INSERT OR REPLACE deletes without asking the triggers of DELETE.
        key = KEYS.get(table, "id")
        exists = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"  # nosec B608  # constants
        yield f"CREATE TRIGGER {_name(table, 'replace')} BEFORE INSERT ON {table} WHEN {exists} BEGIN {abort}; END"


def _check_now(schema_editor):
    if schema_editor.connection.vendor == "postgresql":  # it alters no table of which a row is still to be checked
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def move_reasons_aside(apps, schema_editor):
    _check_now(schema_editor)
    Entry, Personal, User = (
        apps.get_model(*name)._base_manager.using(schema_editor.connection.alias)
        for name in (("paydesk", "AuditEntry"), ("paydesk", "AuditPersonal"), settings.AUTH_USER_MODEL.split("."))
    )
    names = dict(User.values_list("pk", "username"))
    for entry in Entry.order_by("pk").iterator(chunk_size=500):
        entry.actor_name = names.get(entry.actor_id, "")
        if reason := entry.detail.pop("reason", ""):
            salt, body = secrets.token_hex(16), {"reason": reason}
            text = json.dumps([salt, body], sort_keys=True, separators=(",", ":"))
            entry.personal_digest = hashlib.sha256(text.encode()).hexdigest()
            Personal.create(entry_id=entry.pk, salt=salt, body=body)
        Entry.filter(pk=entry.pk).update(
            actor_name=entry.actor_name, detail=entry.detail, personal_digest=entry.personal_digest
        )


def move_reasons_back(apps, schema_editor):
    Entry, Personal, User = (
        apps.get_model(*name)._base_manager.using(schema_editor.connection.alias)
        for name in (("paydesk", "AuditEntry"), ("paydesk", "AuditPersonal"), settings.AUTH_USER_MODEL.split("."))
    )
    for personal in Personal.order_by("pk").iterator(chunk_size=500):
        entry = Entry.get(pk=personal.entry_id)
        Entry.filter(pk=entry.pk).update(detail=entry.detail | personal.body)
    Entry.exclude(actor_id__in=User.values("pk")).update(actor_id=None)
    _check_now(schema_editor)


class Migration(migrations.Migration):
    dependencies = [
        ("paydesk", "0007_trusted_resyncs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            "auditentry", "actor_name", models.CharField(blank=True, db_default="", default="", max_length=150)
        ),
        migrations.AddField(
            "auditentry", "personal_digest", models.CharField(blank=True, db_default="", default="", max_length=64)
        ),
        migrations.AlterField(
            "auditentry",
            "actor",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            "auditentry", models.Index(fields=["actor_name", "-at", "-id"], name="paydesk_audit_actor")
        ),
        migrations.AddIndex("auditentry", models.Index(fields=["action", "-at", "-id"], name="paydesk_audit_action")),
        migrations.AddIndex("auditentry", models.Index(fields=["target", "-at", "-id"], name="paydesk_audit_target")),
        migrations.CreateModel(
            "AuditPersonal",
            [
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="personal",
                        serialize=False,
                        to="paydesk.auditentry",
                    ),
                ),
                ("salt", models.CharField(max_length=64)),
                ("body", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            "AuditSeal",
            [
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("sealed_at", models.DateTimeField()),
                ("count", models.PositiveIntegerField()),
                ("through", models.BigIntegerField()),
                ("took_all", models.BooleanField()),
                ("previous", models.CharField(blank=True, max_length=64, unique=True)),
                ("digest", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            "SealedEntry",
            [
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="sealed",
                        serialize=False,
                        to="paydesk.auditentry",
                    ),
                ),
                (
                    "seal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="members", to="paydesk.auditseal"
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
            ],
        ),
        migrations.RunPython(move_reasons_aside, move_reasons_back),
        migrations.RunPython(put_up, take_down),
    ]
