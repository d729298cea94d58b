"""The guard against stale writes: a row an object, holding the ticket of the fetch that the tables show."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection

from finances.mirror.canonical import canonical, hash_of
from finances.mirror.table import JsonText, table
from finances.models import ObjectState, state_key
from finances.reads.stored import time_at
from finances.statements import server_side_cursor

Json = dict[str, Any]

UNWRITTEN = -1

# Joined, since a prepared statement looks through an array from its beginning for each row, if it scans the table.
_OF_THESE = """
    SELECT object_id, ticket, content_hash, deleted_at, created_at, unlinked, type, erased_at
    FROM unnest(%b::text[]) AS wanted(id) JOIN paydesk_objectstate ON object_id = wanted.id ORDER BY object_id
"""


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

    @cached_property
    def key(self) -> str:
        """Of its state. Its id alone may be that of an object of another type."""
        return state_key(self.type, self.id)

    @cached_property
    def text(self) -> JsonText:
        """Of `data`, canonical: what is hashed is what is stored."""
        return JsonText(canonical(self.data))

    @cached_property
    def content_hash(self) -> bytes:
        return hash_of(self.text)


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


class State(NamedTuple):
    """A row of `ObjectState`. `unlinked`: something that the object names was not here when it was written."""

    ticket: int
    content_hash: bytes
    deleted_at: datetime | None
    created_at: datetime | None
    unlinked: bool
    type: str
    erased_at: datetime | None

    def is_of_another(self, fetched: Fetched) -> bool:
        """The row is that of an object of another type, and Stripe has none of this type by this id: that somebody
        asked for a charge by a customer's id says nothing of the customer."""
        return fetched.missing and self.type != fetched.type

    def holds(self, fetched: Fetched) -> bool:
        """What was fetched is what stands in the tables, with everything that it names."""
        return self.content_hash == fetched.content_hash and not self.unlinked


def states_of(keys: Collection[str]) -> dict[str, State]:
    """By key, as they are now; nothing is locked. One query."""
    return _read(keys, lock=False)


def lock_states(
    fetched: Collection[Fetched], known: Collection[str], *, beside: Iterable[str] = ()
) -> dict[str, State]:
    """By key, the state rows of these objects, locked until the transaction ends, made where there were none.

    `known`: keys of those that had one a moment ago. `beside`: of others, locked along with them where they are, since
    what is written depends on theirs.

    Two writers that both find no row: the second one's insert waits for the first one's commit and then does nothing;
    its SELECT sees the first one's ticket. Rows are inserted first and locked last, in one statement sorted by id:
    whoever locked some rows and inserted others afterwards would sooner or later wait in a circle.
    """
    states = table(ObjectState, "object_id")
    absent = [it for it in fetched if it.key not in known]
    states.insert_missing(
        states.row(object_id=it.key, type=it.type, ticket=UNWRITTEN, content_hash=b"", seen_at=it.seen_at)
        for it in absent
    )
    return _read({*(it.key for it in fetched), *beside}, lock=True)


def lock_state_of(object_id: str, type_name: str, now: datetime, *, beside: Iterable[str] = ()) -> State:
    """Of one object that was not fetched: where it had none, its ticket is older than that of any fetch."""
    states = table(ObjectState, "object_id")
    key = state_key(type_name, object_id)
    states.insert_missing([states.row(object_id=key, type=type_name, ticket=0, content_hash=b"", seen_at=now)])
    return _read({key, *beside}, lock=True)[key]


def _read(keys: Collection[str], *, lock: bool) -> dict[str, State]:
    if not keys:
        return {}
    if connection.vendor == "postgresql":
        # One array instead of a hundred values: reading what did not change is mostly the reading of this query.
        with server_side_cursor() as cursor:
            cursor.execute(_OF_THESE + " FOR UPDATE OF paydesk_objectstate" if lock else _OF_THESE, [list(keys)])
            return {row[0]: State(*row[1:]) for row in cursor.fetchall()}
    columns = ("object_id", "ticket", "content_hash", "deleted_at", "created_at", "unlinked", "type", "erased_at")
    rows = ObjectState.objects.filter(object_id__in=keys).values_list(*columns)
    return {row[0]: State(row[1], bytes(row[2]), *row[3:]) for row in rows}


def record_states(
    changed: Sequence[Fetched], same: Sequence[Fetched], before: dict[str, State], unlinked: Collection[str]
) -> None:
    """Move the tickets on. Also of what is unchanged: a state that went A, B, A could lose to an older fetch of B.

    A tombstone keeps its time: it says when the object was first found gone. `before`, `unlinked`: by key.
    """
    states = table(ObjectState, "object_id")

    def row(it: Fetched) -> tuple[Any, ...]:
        known = before[it.key]
        return states.row(
            object_id=it.key,
            type=it.type,
            ticket=it.ticket,
            content_hash=it.content_hash,
            seen_at=it.seen_at,
            deleted_at=(known.deleted_at or it.seen_at) if it.deleted else None,
            # The stub of something that is gone does not say it.
            created_at=time_at(it.data, "created") or known.created_at,
            unlinked=it.key in unlinked,
            erased_at=known.erased_at,
        )

    # What a release that kept no time of creation, or no word of links, wrote is written whole once.
    whole = [
        it for it in same if before[it.key].unlinked or (before[it.key].created_at is None and "created" in it.data)
    ]
    states.upsert(map(row, [*changed, *whole]))
    moved = {it.key for it in whole}
    by_ticket: dict[tuple[int, datetime], list[str]] = {}
    for it in same:
        if it.key not in moved:
            by_ticket.setdefault((it.ticket, it.seen_at), []).append(it.key)
    for (ticket, seen_at), keys in by_ticket.items():
        _move(keys, ticket, seen_at)


def _move(keys: list[str], ticket: int, seen_at: datetime) -> None:
    if connection.vendor == "postgresql":
        with server_side_cursor() as cursor:
            cursor.execute(
                "UPDATE paydesk_objectstate SET ticket = %b, seen_at = %b"
                " FROM unnest(%b::text[]) AS moved(id) WHERE object_id = moved.id",
                [ticket, seen_at, keys],
            )
    else:
        ObjectState.objects.filter(object_id__in=keys).update(ticket=ticket, seen_at=seen_at)
