"""The one way into the tables: Stripe object -> dj-stripe row + read-model row + version, in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from finances.gateway import Gateway, NoSuchObject
from finances.mirror.canonical import content_hash
from finances.mirror.parents import with_missing_parents
from finances.mirror.rows import mark_deleted, write_type
from finances.mirror.states import (
    UNWRITTEN,
    Fetched,
    Outcome,
    Written,
    keep_versions,
    latest_versions,
    lock_states,
    record_states,
)
from finances.mirror.types import TYPES, embedded
from finances.models import ObjectState
from finances.tickets import take_ticket

Json = dict[str, Any]


def read_and_write(gateway: Gateway, type_name: str, object_id: str, *, now: datetime) -> list[Written]:
    """Read one object from Stripe and write what it says; the object itself comes first in the answer.

    No transaction is open while Stripe is asked. An object that Stripe has no more becomes a tombstone.
    Raises gateway.StripeProblem, but not NoSuchObject: that is an answer.
    """
    ticket = take_ticket()
    try:
        data = gateway.retrieve(type_name, object_id)
    except NoSuchObject:
        stub = {"id": object_id, "deleted": True}
        return write_all([Fetched(type_name, stub, ticket, now, deleted=True)])
    return write(gateway, type_name, [data], ticket=ticket, now=now)


def write(gateway: Gateway, type_name: str, objects: Sequence[Json], *, ticket: int, now: datetime) -> list[Written]:
    """Write one object, or a page of one type, that was fetched after `ticket` was taken.

    What they point at and is not here yet is fetched first. Answers in the order of `objects`, then what came along.
    """
    fetched = [Fetched(type_name, it, ticket, now, deleted=it.get("deleted") is True) for it in objects]
    fetched += [Fetched(part["object"], part, ticket, now) for it in objects for part in embedded(it)]
    owner_id = owner_account_id(gateway, now)
    parents = with_missing_parents(gateway, fetched, now=now, companions_too=len(objects) == 1)
    return write_all(fetched + parents, owner_id)


def known_account_id() -> str | None:
    """The account that this deployment's key belongs to, as the tables know it; None before the first read."""
    accounts = ObjectState.objects.filter(type="account").order_by("-seen_at")
    return accounts.values_list("object_id", flat=True).first()


def owner_account_id(gateway: Gateway, now: datetime) -> str:
    """The same; the first time it is read from Stripe and written, since every row points at it."""
    if known := known_account_id():
        return known
    ticket = take_ticket()
    account = gateway.account()
    write_all([Fetched("account", account, ticket, now)])
    return account["id"]


def write_all(batch: Sequence[Fetched], owner_id: str | None = None) -> list[Written]:
    """One transaction: drop what is older than the tables, skip what is the same, write the rest, keep versions."""
    # A page can repeat an object; the newest fetch of it is the one to write.
    newest = {it.id: it for it in sorted(batch, key=lambda it: it.ticket)}
    with transaction.atomic():
        states = lock_states(newest, {it.id: it.type for it in batch}, batch[0].seen_at)
        outcomes: dict[str, Outcome] = {}
        hashes: dict[str, bytes] = {}
        for object_id, fetched in newest.items():
            state = states[object_id]
            hashes[object_id] = content_hash(fetched.data)
            if state.ticket >= fetched.ticket:
                outcomes[object_id] = Outcome.STALE
            elif bytes(state.content_hash) == hashes[object_id]:
                outcomes[object_id] = Outcome.SAME
            elif fetched.deleted:
                outcomes[object_id] = Outcome.SAME if state.deleted_at else Outcome.GONE
            else:
                outcomes[object_id] = Outcome.NEW if state.ticket == UNWRITTEN else Outcome.CHANGED

        to_write = [it for it in newest.values() if outcomes[it.id] in {Outcome.NEW, Outcome.CHANGED, Outcome.GONE}]
        before = latest_versions(it.id for it in to_write if outcomes[it.id] != Outcome.NEW)
        for type_name in TYPES:
            of_type = [it for it in to_write if it.type == type_name]
            if alive := [it for it in of_type if not it.deleted]:
                write_type(type_name, alive, owner_id)
            if gone := [it for it in of_type if it.deleted]:
                mark_deleted(type_name, gone, owner_id)
        record_states(
            [(it, hashes[it.id]) for it in to_write],
            [it for it in newest.values() if outcomes[it.id] == Outcome.SAME],
        )
        keep_versions(to_write)
    order = dict.fromkeys(it.id for it in batch)
    return [
        Written(newest[object_id].type, object_id, outcomes[object_id], newest[object_id].data, before.get(object_id))
        for object_id in order
    ]
