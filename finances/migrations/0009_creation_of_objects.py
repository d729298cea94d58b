"""When each object was created at Stripe: taken from the versions that we hold, and indexes over it.

In batches, each a transaction of its own, and beside the work that goes on. It can be run again where it ended early:
what is dated is passed over, and the indexes come last.
"""

import importlib

from django.db import migrations, models

AddIndex = importlib.import_module("finances.migrations.0006_webhook_log_indexes").AddIndex
BATCH = 5000

CREATED = {
    "postgresql": """
        SELECT to_timestamp((v.stripe_data ->> 'created')::double precision)
        FROM paydesk_objectversion v
        WHERE v.object_id = paydesk_objectstate.object_id
          AND jsonb_typeof(v.stripe_data -> 'created') = 'number'
        LIMIT 1
    """,
    "sqlite": """
        SELECT datetime(json_extract(v.stripe_data, '$.created'), 'unixepoch')
        FROM paydesk_objectversion v
        WHERE v.object_id = paydesk_objectstate.object_id
          AND json_type(v.stripe_data, '$.created') = 'integer'
        LIMIT 1
    """,
}


def date_objects(apps, schema_editor):
    connection = schema_editor.connection
    last = ""
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT object_id FROM paydesk_objectstate WHERE object_id > %s ORDER BY object_id LIMIT %s",
                [last, BATCH],
            )
            ids = [row[0] for row in cursor.fetchall()]
            if not ids:
                return
            cursor.execute(
                f"UPDATE paydesk_objectstate SET created_at = ({CREATED[connection.vendor]}) "  # noqa: S608  # nosec B608  # constants
                "WHERE created_at IS NULL AND object_id >= %s AND object_id <= %s",
                [ids[0], ids[-1]],
            )
            last = ids[-1]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("paydesk", "0008_audit")]
    operations = [
        migrations.RunPython(date_objects, migrations.RunPython.noop, atomic=False),
        AddIndex(
            "objectstate",
            models.Index(
                fields=["type", "created_at", "object_id"],
                condition=models.Q(deleted_at__isnull=True),
                name="paydesk_state_creation",
            ),
        ),
        AddIndex(
            "objectstate",
            models.Index(
                fields=["deleted_at", "type", "created_at"],
                condition=models.Q(deleted_at__isnull=False),
                name="paydesk_state_deletion",
            ),
        ),
    ]
