"""Whether copies are what the mirror would have written from their JSON: a sample of each type, row by row."""

from typing import Any

from django.db import connection

from finances.mirror.canonical import content_hash
from finances.mirror.held import rows_of
from finances.mirror.rebuild import drifts_of
from finances.mirror.types import TYPES
from finances.models import Delivery, ObjectState, state_key
from finances.webhooks.intake import delivery_of

SAMPLE = 200  # of each type


def differences() -> list[str]:
    """One line each; none where all is well. A page of a table is taken as it lies, so copies of all moulds come."""
    return [line for type_name in TYPES for line in _of_type(type_name)] + _of_deliveries()


def _of_type(type_name: str) -> list[str]:
    ids = _some(rows_of(type_name).model._meta.db_table, "id")
    held = dict(rows_of(type_name).filter(id__in=ids).values_list("id", "stripe_data"))
    states = ObjectState.objects.in_bulk([state_key(type_name, each) for each in held])
    found = []
    for object_id, stripe_data in held.items():
        state = states.get(state_key(type_name, object_id))
        if stripe_data["id"] != object_id:
            found.append(f"{type_name} {object_id}: the JSON is of {stripe_data['id']}")
        if state is None:
            found.append(f"{type_name} {object_id}: no state row")
        elif state.deleted_at is None and bytes(state.content_hash) != content_hash(stripe_data):
            found.append(f"{type_name} {object_id}: the hash is not of its JSON")
    found += [f"{drift.model} {drift.id}: {drift.fields or drift.there}" for drift in drifts_of(type_name, held)]
    return found


def _of_deliveries() -> list[str]:
    wanted = ("event_type", "object_id", "object_type", "customer_id", "object_created_at", "created_at")
    rows = Delivery.objects.filter(pk__in=_some("paydesk_delivery", "event_id"), payload__isnull=False)
    found = []
    for row in rows:
        meant = delivery_of(row.payload, row.received_at)
        found += [f"Delivery {row.pk}: {name}" for name in wanted if getattr(row, name) != getattr(meant, name)]
    return found


def _some(table: str, key: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT greatest(reltuples, 1) FROM pg_class WHERE oid = '{table}'::regclass")
        share = min(100.0, 100.0 * 20 * SAMPLE / cursor.fetchone()[0])  # whole pages come, so more than enough of them
        cursor.execute(f"SELECT {key} FROM {table} TABLESAMPLE SYSTEM ({share}) ORDER BY random() LIMIT {SAMPLE}")
        return [row[0] for row in cursor.fetchall()]
