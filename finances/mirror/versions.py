"""Each state of an object that was seen: the one that a write replaces, and the one that it leaves."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max

from finances.mirror.canonical import content_hash
from finances.mirror.held import held, rows_of
from finances.mirror.states import UNWRITTEN, Fetched, State
from finances.mirror.table import table
from finances.models import ObjectVersion, state_key

Json = dict[str, Any]


def replaced(differing: Iterable[Fetched], states: dict[str, State]) -> tuple[dict[str, Json], dict[str, Json]]:
    """By key, the JSON that the mirror wrote last; and that of those whose rows still hold it. A query a type; two more
    where rows hold something else by now: what hangs on those may be another's too.

    The row is asked before the kept versions: its JSON is found by its key, whatever the length of a history. What is
    marked as deleted, or was changed by others, does not have the hash of what was written.
    """
    by_type: dict[str, list[str]] = {}
    for it in differing:
        if it.missing or states[it.key].ticket != UNWRITTEN:
            by_type.setdefault(it.type, []).append(it.id)
    rows = {
        state_key(type_name, each): stored
        for type_name, ids in by_type.items()
        for each, stored in held(type_name, ids).items()
    }
    standing = {each: stored for each, stored in rows.items() if content_hash(stored) == states[each].content_hash}
    # Without a hash: dj-stripe wrote it, and nobody knows what became of its parts.
    found = {each: stored for each, stored in rows.items() if each in standing or not states[each].content_hash}
    keys = [state_key(type_name, each) for type_name, ids in by_type.items() for each in ids]
    others = [key for key in keys if key not in found]
    return found | (latest_versions(others) if others else {}), standing


def latest_versions(keys: Iterable[str]) -> dict[str, Json]:
    """By key, the newest kept state of each object that has one. Two queries, however long a history is."""
    newest = dict(
        ObjectVersion.objects.filter(object_id__in=list(keys)).values_list("object_id").annotate(newest=Max("ticket"))
    )
    kept = ObjectVersion.objects.filter(object_id__in=newest, ticket__in=set(newest.values()))
    return {
        key: stripe_data
        for key, ticket, stripe_data in kept.values_list("object_id", "ticket", "stripe_data")
        if newest[key] == ticket
    }


def keep_versions(written: Iterable[Fetched]) -> None:
    """Of what was just written. The JSON is copied from its row, where the database has read and compressed it already;
    what only marks a row is kept as it came."""
    copied: dict[tuple[str, int, datetime], list[str]] = {}
    others: list[Fetched] = []
    for it in written:
        # A table in which an id can stand twice, once a mode, would give both.
        if it.deleted or rows_of(it.type).model._meta.unique_together:
            others.append(it)
        else:
            copied.setdefault((it.type, it.ticket, it.seen_at), []).append(it.id)
    for (type_name, ticket, seen_at), ids in copied.items():
        _copy(type_name, ids, ticket, seen_at)
    versions = table(ObjectVersion, "object_id")
    versions.insert(
        versions.row(object_id=it.key, seen_at=it.seen_at, ticket=it.ticket, stripe_data=it.text) for it in others
    )


def _copy(type_name: str, ids: list[str], ticket: int, seen_at: datetime) -> None:
    source = connection.ops.quote_name(rows_of(type_name).model._meta.db_table)
    key, prefixes = "id", []
    if prefix := state_key(type_name, ""):
        key, prefixes = "%s || id", [prefix]
    chosen = f"SELECT {key}, %s, %s, stripe_data FROM {source} WHERE id IN ({', '.join(['%s'] * len(ids))})"  # noqa: S608  # nosec B608  # a table's name
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO paydesk_objectversion (object_id, seen_at, ticket, stripe_data) " + chosen,
            [*prefixes, connection.ops.adapt_datetimefield_value(seen_at), ticket, *ids],
        )
