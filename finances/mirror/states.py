"""The guard against stale writes: a row an object, holding the ticket of the fetch that the tables show."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Max

from finances.models import ObjectState, ObjectVersion
from finances.reads.stored import time_at

Json = dict[str, Any]

UNWRITTEN = -1


@dataclass(frozen=True)
class Fetched:
    """One object as Stripe answered it, and the ticket that was taken before the fetch began.

    `deleted`: Stripe said that it is gone; then `data` is the stub, or one made from the id when Stripe has no such
    object (`missing`). `as_parent`: others that are being written point at it. `further_lines`: an invoice's, beyond
    those that its JSON carries.
    """

    type: str
    data: Json
    ticket: int
    seen_at: datetime
    deleted: bool = False
    missing: bool = False
    as_parent: bool = False
    further_lines: tuple[Json, ...] = ()

    @property
    def id(self) -> str:
        return self.data["id"]


class Outcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    GONE = "gone"
    UNKNOWN = "unknown"  # Stripe has no such object, and we never knew one
    STALE = "stale"


@dataclass(frozen=True)
class Written:
    """What a write came to. `before`: the state that it replaced, for an object that changed or went.

    `in_columns`: where the read model's row was not what the stored answer says, as `finances.differences` gives them;
    looked for only by a write that is done anew.
    """

    type: str
    id: str
    outcome: Outcome
    data: Json
    before: Json | None = None
    in_columns: tuple[Json, ...] = ()


def lock_states(
    object_ids: Iterable[str], types: dict[str, str], seen_at: datetime, *, beside: Iterable[str] = ()
) -> dict[str, ObjectState]:
    """The state rows of these objects, locked until the transaction ends, made where there were none.

    `beside`: others, locked along with them where they are, since what is written depends on theirs.

    Two writers that both find no row: the second one's insert waits for the first one's commit and then does nothing;
    its SELECT sees the first one's ticket. Rows are inserted first and locked last, in one statement sorted by id:
    whoever locked some rows and inserted others afterwards would sooner or later wait in a circle.
    """
    ids = sorted(object_ids)
    present = set(ObjectState.objects.filter(object_id__in=ids).values_list("object_id", flat=True))
    ObjectState.objects.bulk_create(
        [
            ObjectState(object_id=object_id, type=types[object_id], ticket=UNWRITTEN, content_hash=b"", seen_at=seen_at)
            for object_id in ids
            if object_id not in present
        ],
        ignore_conflicts=True,
    )
    locked = {*ids, *beside}
    rows = ObjectState.objects.select_for_update().filter(object_id__in=locked).order_by("object_id")
    return {row.object_id: row for row in rows}


def record_states(changed: list[tuple[Fetched, bytes]], same: list[Fetched], before: dict[str, ObjectState]) -> None:
    """Move the tickets on. Also of what is unchanged: a state that went A, B, A could lose to an older fetch of B.

    A tombstone keeps its time: it says when the object was first found gone.
    """
    ObjectState.objects.bulk_create(
        [
            ObjectState(
                object_id=fetched.id,
                type=fetched.type,
                ticket=fetched.ticket,
                content_hash=content_hash,
                seen_at=fetched.seen_at,
                deleted_at=(before[fetched.id].deleted_at or fetched.seen_at) if fetched.deleted else None,
                # The stub of something that is gone does not say it.
                created_at=time_at(fetched.data, "created") or before[fetched.id].created_at,
            )
            for fetched, content_hash in changed
        ],
        update_conflicts=True,
        unique_fields=["object_id"],
        update_fields=["type", "ticket", "content_hash", "seen_at", "deleted_at", "created_at"],
    )
    by_ticket: dict[tuple[int, datetime], list[str]] = {}
    for fetched in same:
        by_ticket.setdefault((fetched.ticket, fetched.seen_at), []).append(fetched.id)
    for (ticket, seen_at), ids in by_ticket.items():
        ObjectState.objects.filter(object_id__in=ids).update(ticket=ticket, seen_at=seen_at)
    _date_what_lacks_it(same, before)


def _date_what_lacks_it(same: list[Fetched], before: dict[str, ObjectState]) -> None:
    """What was written by a release that kept no time of creation, while this one began. No query where nothing was."""
    undated = [before[it.id] for it in same if before[it.id].created_at is None and time_at(it.data, "created")]
    if undated:
        created = {it.id: time_at(it.data, "created") for it in same}
        for state in undated:
            state.created_at = created[state.object_id]
        ObjectState.objects.bulk_update(undated, ["created_at"])


def latest_versions(object_ids: Iterable[str]) -> dict[str, Json]:
    """The newest kept state of each object that has one. Two queries, however long a history is."""
    newest = dict(
        ObjectVersion.objects.filter(object_id__in=list(object_ids))
        .values_list("object_id")
        .annotate(newest=Max("ticket"))
    )
    kept = ObjectVersion.objects.filter(object_id__in=newest, ticket__in=set(newest.values()))
    return {
        object_id: stripe_data
        for object_id, ticket, stripe_data in kept.values_list("object_id", "ticket", "stripe_data")
        if newest[object_id] == ticket
    }


def keep_versions(changed: list[Fetched]) -> None:
    ObjectVersion.objects.bulk_create(
        [
            ObjectVersion(
                object_id=fetched.id, seen_at=fetched.seen_at, ticket=fetched.ticket, stripe_data=fetched.data
            )
            for fetched in changed
        ]
    )
